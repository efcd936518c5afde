// Goal: whatever a line holds, it gets one named answer and the next line is read. Method: every
// rule of ours that mediasoup leaves to its worker or has not, and lines that are no requests.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { MEDIA_CODECS } from "./media_codecs.ts";
import { type Json, type JsonObject, resultOf, Tool } from "./tool.ts";

const VP8 = { mimeType: "video/VP8", payloadType: 96, clockRate: 90000 };
const RTX = { mimeType: "video/rtx", payloadType: 97, clockRate: 90000, parameters: { apt: 96 } };
const CODECS = { codecs: [VP8, RTX] };

describe("hostile input", () => {
  let tool: Tool;
  let caps: JsonObject;
  before(async () => {
    tool = new Tool();
    caps = resultOf(await tool.ask({ op: "routerRtpCapabilities", mediaCodecs: MEDIA_CODECS })) as JsonObject;
  });
  after(async () => {
    assert.equal(await tool.close(), 0);
  });

  async function code(line: string): Promise<string> {
    const answer = await tool.line(line);
    return "error" in answer ? answer.error.code : "";
  }

  const producers: Record<string, [params: Json, code: string]> = {
    "two codecs with one payload type": [{ codecs: [VP8, { ...RTX, payloadType: 96 }] }, "DUPLICATE_PAYLOAD_TYPE"],
    "two encodings with one SSRC": [{ ...CODECS, encodings: [{ ssrc: 5 }, { ssrc: 5 }] }, "DUPLICATE_SSRC"],
    "RTX with the SSRC of media": [{ ...CODECS, encodings: [{ ssrc: 5, rtx: { ssrc: 5 } }] }, "DUPLICATE_SSRC"],
    "two encodings with one RID": [{ ...CODECS, encodings: [{ rid: "a" }, { rid: "a" }] }, "DUPLICATE_RID"],
    "more encodings than allowed": [{ ...CODECS, encodings: Array(9).fill({}) }, "TOO_MANY"],
    "more codecs than payload types": [{ codecs: Array(129).fill(VP8) }, "TOO_MANY"],
    "apt that names nothing": [{ codecs: [VP8, { ...RTX, parameters: { apt: 98 } }] }, "BAD_APT"],
    "apt that names itself": [{ codecs: [VP8, { ...RTX, parameters: { apt: 97 } }] }, "BAD_APT"],
    "RTX without apt": [{ codecs: [VP8, { ...RTX, parameters: {} }] }, "BAD_APT"],
    "a payload type of 8 bits": [{ codecs: [{ ...VP8, payloadType: 128 }] }, "OUT_OF_RANGE"],
    "half a payload type": [{ codecs: [{ ...VP8, payloadType: 96.5 }] }, "OUT_OF_RANGE"],
    "an SSRC of 33 bits": [{ ...CODECS, encodings: [{ ssrc: 2 ** 32 }] }, "OUT_OF_RANGE"],
    "an extension with the id of padding": [{ ...CODECS, headerExtensions: [{ uri: "u", id: 0 }] }, "OUT_OF_RANGE"],
    "a CNAME with a line of SDP": [{ ...CODECS, rtcp: { cname: "a\r\na=x" } }, "MALFORMED"],
    "a format parameter with a line of SDP": [{ codecs: [{ ...VP8, parameters: { a: "b\nc" } }] }, "MALFORMED"],
    "a name with a line of SDP": [{ codecs: [{ ...VP8, parameters: { "a\n": 1 } }] }, "MALFORMED"],
    "a text without end": [{ ...CODECS, mid: "m".repeat(2000) }, "TOO_LONG"],
    "no object": [7, "MALFORMED"],
    "nothing": [null, "MALFORMED"],
    "a codec that the router lacks": [{ codecs: [{ ...VP8, mimeType: "video/H265" }] }, "UNSUPPORTED"],
  };
  for (const [name, [params, expected]] of Object.entries(producers)) {
    test(`a producer with ${name} is ${expected}`, async () => {
      assert.equal(await code(JSON.stringify({ op: "producerMapping", params, caps })), expected);
    });
  }

  test("AV1 of another profile is no match, of an unnamed one it is", async () => {
    const av1 = (profile?: Json): JsonObject => ({
      mimeType: "video/AV1",
      clockRate: 90000,
      parameters: profile === undefined ? {} : { profile },
    });
    for (const [mine, theirs, matches] of [
      [0, 0, true],
      [0, 1, false],
      [1, 0, false],
      [undefined, 1, true],
      [1, undefined, true],
    ] as const) {
      const consumable = { codecs: [{ ...av1(mine), payloadType: 100 }] };
      const answer = await tool.ask({ op: "canConsume", consumable, caps: { codecs: [av1(theirs)] } });
      assert.equal(resultOf(answer), matches, `${mine} and ${theirs}`);
    }
  });

  test("lines that are no requests get an error each, and the next line is read", async () => {
    const lines = ["", "nonsense", "{", "[]", "7", '"op"', "{}", '{"op":7}', '{"op":"x"}', '{"op":"canConsume"}'];
    lines.push('{"op":"\\ud800"}', `${"[".repeat(5000)}${"]".repeat(5000)}`, '{"a":1e999}', "\u0000");
    for (const line of lines) assert.notEqual(await code(line), "", line.slice(0, 40));
    assert.equal(await code(`{"op":"routerRtpCapabilities","mediaCodecs":[]}`), "");
  });

  test("a line of any length is read over", async () => {
    assert.equal(await code(`{"op":"${"x".repeat(5 << 20)}"}`), "TOO_LONG");
    assert.equal(await code(`{"op":"routerRtpCapabilities","mediaCodecs":[]}`), "");
  });

  test("nothing is kept between lines", async () => {
    const request: JsonObject = { op: "routerRtpCapabilities", mediaCodecs: MEDIA_CODECS };
    const once = JSON.stringify(await tool.ask(request));
    for (let i = 0; i < 3; i++) assert.equal(JSON.stringify(await tool.ask(request)), once);
  });
});
