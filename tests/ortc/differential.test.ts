// Goal: the same results as mediasoup's own functions, for whatever browsers and attackers send.
// Method: random negotiations from a seed, each from the router's capabilities to the pipe, answered
// by the `ortc` command and by mediasoup; ORTC_SEED and ORTC_RUNS repeat or extend a run.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { damaged, mediaCodecs, producer, receiver } from "./generate.ts";
import { normal } from "./normal.ts";
import { Random } from "./random.ts";
import { reference } from "./reference.ts";
import { type Answer, type Json, type JsonObject, Tool } from "./tool.ts";

const SEED = Number(process.env["ORTC_SEED"] ?? 20_261_122);
const RUNS = Number(process.env["ORTC_RUNS"] ?? 3_000);

// Extensions that one side alone has: mediasoup's own for tracing, and the bitrates of the layers
// that libwebrtc publishers tell.
const THEIR_URI = "urn:mediasoup:params:rtp-hdrext:packet-id";
const OUR_URI = "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00";

let tool: Tool;
before(() => {
  tool = new Tool();
});
after(async () => {
  assert.equal(await tool.close(), 0);
});

function comparable(op: string, answer: Answer): string {
  if ("error" in answer) return answer.error.code === "UNSUPPORTED" ? "UNSUPPORTED" : "malformed";
  if (op !== "routerRtpCapabilities") return normal(op, answer.result);
  const caps = structuredClone(answer.result) as { headerExtensions: { uri: string }[] };
  caps.headerExtensions = caps.headerExtensions.filter(({ uri }) => uri !== THEIR_URI && uri !== OUR_URI);
  return normal(op, caps as unknown as Json);
}

/** Asks both, compares, and gives our result, or nothing when both refused. */
async function same(request: JsonObject, seed: number): Promise<Json | undefined> {
  const op = String(request["op"]);
  const ours = await tool.ask(request);
  const theirs = reference(request);
  const told = () => `seed ${seed}: ${JSON.stringify(request)}\nours ${JSON.stringify(ours)}\ntheirs ${JSON.stringify(theirs)}`;
  // RTX that repairs RTX: without a match for them, malformed for us.
  const [mine, reason] = [comparable(op, ours), "error" in ours ? ours.error.code : ""];
  const expected = reason === "BAD_APT" && "error" in theirs ? "malformed" : comparable(op, theirs);
  assert.equal(mine, expected, told());
  return "result" in ours ? ours.result : undefined;
}

type Chain = { requests: JsonObject[]; results: number };

/** One negotiation, all operations; each starts from our results of the ones before. */
async function negotiate(seed: number): Promise<Chain> {
  const random = new Random(seed);
  const chain: Chain = { requests: [], results: 0 };
  async function ask(request: JsonObject): Promise<JsonObject | undefined> {
    chain.requests.push(request);
    const result = await same(request, seed);
    if (result !== undefined) chain.results += 1;
    return result as JsonObject | undefined;
  }
  const caps = await ask({ op: "routerRtpCapabilities", mediaCodecs: mediaCodecs(random) });
  if (caps === undefined) return chain;
  const kind = random.chance(0.3) ? "audio" : "video";
  const params = producer(random, kind, caps);
  const mapping = await ask({ op: "producerMapping", params, caps });
  if (mapping === undefined) return chain;
  const consumable = await ask({ op: "consumable", kind, params, caps, mapping });
  if (consumable === undefined) return chain;
  const remoteCaps = receiver(random, caps);
  await ask({ op: "canConsume", consumable, caps: remoteCaps });
  const enableRtx = random.pick<Json>([true, false, null]);
  await ask({ op: "consumer", consumable, remoteCaps, pipe: random.chance(0.3), enableRtx });
  await ask({ op: "consumer", consumable, remoteCaps });
  await ask({ op: "pipeConsumer", consumable, enableRtx: random.chance(0.5) });
  return chain;
}

test(`random negotiations end alike (seed ${SEED}, ${RUNS} runs)`, async () => {
  let complete = 0;
  let results = 0;
  for (let run = 0; run < RUNS; run++) {
    const chain = await negotiate(SEED + run);
    results += chain.results;
    if (chain.requests.length === 7) complete += 1;
  }
  // The inputs are no use if most of them are refused at the door.
  assert.ok(complete > RUNS / 4, `only ${complete} of ${RUNS} negotiations came to an end`);
  assert.ok(results > 2 * RUNS, `only ${results} results`);
});

test(`damaged requests are refused alike (seed ${SEED}, ${RUNS} runs)`, async () => {
  let refused = 0;
  for (let run = 0; run < RUNS; run++) {
    const seed = SEED + 1_000_000 + run;
    const random = new Random(seed);
    const { requests } = await negotiate(SEED + run);
    for (const request of requests) {
      const broken = damaged(random, request);
      if (broken === undefined) continue;
      const ours = await tool.ask(broken);
      const theirs = reference(broken);
      // A bitrate that is no number is refused here, and later by mediasoup's worker.
      if ("error" in ours && ours.error.message.startsWith("encoding.maxBitrate")) continue;
      if ("error" in ours) refused += 1;
      assert.equal(
        "error" in ours,
        "error" in theirs,
        `seed ${seed}: ${JSON.stringify(broken)}\nours ${JSON.stringify(ours)}\ntheirs ${JSON.stringify(theirs)}`,
      );
    }
  }
  assert.ok(refused > RUNS, `only ${refused} were refused`);
});
