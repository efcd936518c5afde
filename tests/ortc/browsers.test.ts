// Goal: what real browsers send and receive is negotiated as mediasoup does it. Method: every recorded
// producer of Chromium and Firefox, at a router with all codecs, towards every recorded receiver.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BROWSERS, type Produced } from "./browsers.ts";
import { MEDIA_CODECS } from "./media_codecs.ts";
import { normal } from "./normal.ts";
import { reference } from "./reference.ts";
import { type Json, type JsonObject, resultOf, Tool } from "./tool.ts";

describe("negotiation of real browsers", () => {
  let tool: Tool;
  let caps: JsonObject;
  before(async () => {
    tool = new Tool();
    caps = resultOf(await tool.ask({ op: "routerRtpCapabilities", mediaCodecs: MEDIA_CODECS })) as JsonObject;
  });
  after(async () => {
    assert.equal(await tool.close(), 0);
  });

  /** Both answer alike; null when both found no match. */
  async function same(request: JsonObject): Promise<Json> {
    const op = String(request["op"]);
    const ours = await tool.ask(request);
    const theirs = reference(request);
    if ("error" in ours || "error" in theirs) {
      const codes = ["error" in ours && ours.error.code, "error" in theirs && theirs.error.code];
      assert.deepEqual(codes, ["UNSUPPORTED", "UNSUPPORTED"], JSON.stringify([request, ours, theirs]));
      return null;
    }
    assert.equal(normal(op, ours.result), normal(op, theirs.result));
    return ours.result;
  }

  async function consumableOf({ kind, rtpParameters: params }: Produced): Promise<JsonObject> {
    const mapping = await same({ op: "producerMapping", params, caps });
    const consumable = await same({ op: "consumable", kind, params, caps, mapping });
    assert.ok(mapping !== null && consumable !== null, "a router with every codec has this one");
    return consumable as JsonObject;
  }

  for (const [from, { producers }] of Object.entries(BROWSERS)) {
    for (const produced of producers) {
      test(`${from}'s ${produced.name} reaches every browser that can decode it`, async () => {
        const consumable = await consumableOf(produced);
        for (const receiver of Object.values(BROWSERS)) {
          for (const remoteCaps of [receiver.recvRtpCapabilities, receiver.native.recvonly]) {
            const can = await same({ op: "canConsume", consumable, caps: remoteCaps });
            for (const enableRtx of [true, false, null]) {
              for (const pipe of [false, true]) {
                const consumer = await same({ op: "consumer", consumable, remoteCaps, pipe, enableRtx });
                assert.equal(consumer !== null, can);
              }
            }
          }
        }
        await same({ op: "pipeConsumer", consumable, enableRtx: true });
        await same({ op: "pipeConsumer", consumable, enableRtx: false });
      });
    }
  }

  test("a browser receives what the same browser sends", async () => {
    for (const { producers, recvRtpCapabilities } of Object.values(BROWSERS)) {
      for (const produced of producers) {
        const consumable = await consumableOf(produced);
        assert.equal(await same({ op: "canConsume", consumable, caps: recvRtpCapabilities }), true, produced.name);
      }
    }
  });

  test("simulcast becomes one stream with a layer for each encoding", async () => {
    const produced = BROWSERS["chromium"]?.producers.find(({ name }) => name.endsWith("simulcast"));
    assert.ok(produced);
    const consumable = await consumableOf(produced);
    const request = { op: "consumer", consumable, remoteCaps: BROWSERS["chromium"]?.recvRtpCapabilities ?? null };
    const { encodings } = resultOf(await tool.ask(request)) as { encodings: JsonObject[] };
    assert.equal(encodings.length, 1);
    const [{ ssrc, ...encoding } = {}] = encodings;
    assert.deepEqual(encoding, {
      rtx: { ssrc: Number(ssrc) + 1 },
      scalabilityMode: "L3T3",
      maxBitrate: 1_500_000,
    });
  });
});
