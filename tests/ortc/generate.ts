// Random negotiations that could be real ones: routers, producers and receivers that have codecs in
// common but differ in what browsers differ in.
import type { Random } from "./random.ts";
import type { Json, JsonObject } from "./tool.ts";

const H264_IDS = [
  "42e01f", "42001f", "4d001f", "64001f", "640c1f", "f4001f", "42E034", "42100b", "42f00b", "4d100b",
  "42000a", "58a01e", "58e01f", "4d801f", "420033", "640034", "42e0ff", "123456", "42e0", "nonsense", 640032, 0, "",
];
// One profile at every kind of level, so that levels meet.
const SAME_PROFILE = ["42e01f", "42e034", "42f00b", "42e00a", "42e00b", "42e015", "42E01E", "4de01f"];
const AUDIO: JsonObject[] = [
  { kind: "audio", mimeType: "audio/opus", clockRate: 48000, channels: 2 },
  { kind: "audio", mimeType: "audio/multiopus", clockRate: 48000, channels: 4,
    parameters: { channel_mapping: "0,1,2,3", num_streams: 2, coupled_streams: 2 } },
  { kind: "audio", mimeType: "audio/multiopus", clockRate: 48000, channels: 6,
    parameters: { channel_mapping: "0,4,1,2,3,5", num_streams: 4, coupled_streams: 2 } },
  { kind: "audio", mimeType: "audio/multiopus", clockRate: 48000, channels: 8,
    parameters: { channel_mapping: "0,6,1,2,3,4,5,7", num_streams: 5, coupled_streams: 3 } },
  { kind: "audio", mimeType: "audio/PCMU", clockRate: 8000 },
  { kind: "audio", mimeType: "audio/PCMA", clockRate: 8000 },
  { kind: "audio", mimeType: "audio/G722", clockRate: 8000 },
  { kind: "audio", mimeType: "audio/ISAC", clockRate: 16000 },
  { kind: "audio", mimeType: "audio/SILK", clockRate: 24000 },
  { kind: "audio", mimeType: "audio/CN", clockRate: 32000 },
  { kind: "audio", mimeType: "audio/CN", clockRate: 8000 },
  { kind: "audio", mimeType: "audio/telephone-event", clockRate: 48000 },
  { kind: "audio", mimeType: "audio/telephone-event", clockRate: 8000 },
];
const VIDEO: JsonObject[] = ["VP8", "VP9", "H264", "AV1"].map((name) => ({
  kind: "video", mimeType: `video/${name}`, clockRate: 90000,
}));
const STRANGERS: JsonObject[] = [
  { kind: "audio", mimeType: "audio/chicken", clockRate: 8000, channels: 4 },
  { kind: "audio", mimeType: "audio/opus", clockRate: 48000, channels: 1 },
  { kind: "audio", mimeType: "audio/opus", clockRate: 44100, channels: 2 },
  { kind: "video", mimeType: "video/VP8", clockRate: 8000 },
  { kind: "video", mimeType: "video/ulpfec", clockRate: 90000 },
];
const FEEDBACK: JsonObject[] = [
  { type: "nack" }, { type: "nack", parameter: "" }, { type: "nack", parameter: "pli" },
  { type: "nack", parameter: "rpsi" }, { type: "ccm", parameter: "fir" }, { type: "goog-remb" },
  { type: "transport-cc", parameter: "" }, { type: "transport-cc" }, { type: "x-own", parameter: "y" },
];
const MODES = ["L1T1", "L1T3", "L3T3", "L3T3_KEY", "S3T2", "L2T12", "L99T99", "L0T3", "T3", "L1T0", "junk", ""];
const UNKNOWN_URI = "urn:example:nothing";

function spelled(random: Random, mimeType: string): string {
  if (random.chance(0.8)) return mimeType;
  return random.chance(0.5) ? mimeType.toLowerCase() : mimeType.toUpperCase();
}

/** Format parameters with what decides about a match, and others. */
function parameters(random: Random, mimeType: string, base: JsonObject): JsonObject {
  const out: JsonObject = { ...base };
  const name = mimeType.toLowerCase();
  if (name === "video/h264") {
    if (random.chance(0.85)) out["profile-level-id"] = random.pick(random.chance(0.6) ? SAME_PROFILE : H264_IDS);
    if (random.chance(0.8)) out["packetization-mode"] = random.pick([1, 1, 1, 0, "1", ""]);
    if (random.chance(0.7)) out["level-asymmetry-allowed"] = random.pick([1, 1, "1", 0, "0"]);
  }
  if (name === "video/vp9" && random.chance(0.7)) out["profile-id"] = random.pick([0, 0, 2, "0", "", 1]);
  if (name === "video/av1" && random.chance(0.5)) out["level-idx"] = random.integer(24);
  if (name === "audio/multiopus" && random.chance(0.2)) out["num_streams"] = random.pick([2, 4, "4", 7]);
  if (name === "audio/opus" && random.chance(0.7)) Object.assign(out, { minptime: 10, useinbandfec: 1 });
  if (random.chance(0.2)) out["x-google-start-bitrate"] = random.pick([1000, 0.5, -3, "text", 1e6]);
  return out;
}

function withParameters(random: Random, codec: JsonObject): JsonObject {
  const own = parameters(random, String(codec["mimeType"]), (codec["parameters"] as JsonObject | undefined) ?? {});
  const out: JsonObject = { ...codec, mimeType: spelled(random, String(codec["mimeType"])) };
  if (Object.keys(own).length > 0 || random.chance(0.5)) out["parameters"] = own;
  return out;
}

export function mediaCodecs(random: Random): JsonObject[] {
  const codecs = [...random.some(AUDIO, 0.25), ...random.some([...VIDEO, ...VIDEO], 0.5)];
  if (random.chance(0.1)) codecs.push(random.pick(STRANGERS));
  return random.shuffled(codecs).map((codec) => {
    const out = withParameters(random, codec);
    if (random.chance(0.15)) out["preferredPayloadType"] = random.pick([0, 35, 96, 100, 101, 105, 111, 127]);
    if (random.chance(0.1)) out["rtcpFeedback"] = random.some(FEEDBACK, 0.4);
    return out;
  });
}

const isRtx = (codec: JsonObject): boolean => String(codec["mimeType"]).endsWith("/rtx");

function extensions(random: Random, caps: JsonObject, name: "id" | "preferredId", probability: number): JsonObject[] {
  const known = (caps["headerExtensions"] as JsonObject[]).map((one) => ({ ...one }));
  const out: JsonObject[] = random.some(known, probability).map((one) => {
    const id = random.chance(0.1) ? 1 + random.integer(14) : (one["preferredId"] ?? 1);
    const extension: JsonObject = name === "id" ? { uri: one["uri"] ?? "", id } : { ...one, preferredId: id };
    if (name === "id" && random.chance(0.2)) extension["encrypt"] = random.chance(0.5);
    return extension;
  });
  if (random.chance(0.2)) {
    out.push(name === "id" ? { uri: UNKNOWN_URI, id: 15 } : { kind: "video", uri: UNKNOWN_URI, preferredId: 15 });
  }
  return out;
}

function encodings(random: Random): JsonObject[] {
  const bySsrc = random.chance(0.5);
  const repaired = random.chance(0.5);
  return Array.from({ length: random.integer(5) }, (_, i) => {
    const encoding: JsonObject = bySsrc ? { ssrc: 1000 + 10 * i } : { rid: `r${i}` };
    if (repaired && bySsrc) encoding["rtx"] = { ssrc: 1001 + 10 * i };
    if (random.chance(0.3)) encoding["dtx"] = random.chance(0.5);
    if (random.chance(0.5)) encoding["scalabilityMode"] = random.pick(MODES);
    if (random.chance(0.5)) encoding["maxBitrate"] = random.pick([0, 100_000, 900_000, 333_333.25, 2_500_000]);
    if (random.chance(0.4)) Object.assign(encoding, { active: true, scaleResolutionDownBy: random.pick([1, 2, 1.5]) });
    if (random.chance(0.1)) encoding["codecPayloadType"] = 100;
    return encoding;
  });
}

/** Parameters of a producer of `kind` at a router with `caps`. */
export function producer(random: Random, kind: "audio" | "video", caps: JsonObject): JsonObject {
  const offered = (caps["codecs"] as JsonObject[]).filter((codec) => codec["kind"] === kind && !isRtx(codec));
  const chosen = random.shuffled(random.some(offered, 0.5)).slice(0, 3);
  if (random.chance(0.05)) chosen.push(random.pick(STRANGERS));
  const codecs: JsonObject[] = [];
  let payloadType = 30 + random.integer(60);
  for (const codec of chosen) {
    const { kind: _kind, preferredPayloadType: _preferred, rtcpFeedback: _feedback, ...rest } = codec;
    const own = withParameters(random, rest as JsonObject);
    codecs.push({ ...own, payloadType, rtcpFeedback: random.some(FEEDBACK, 0.5) });
    if (kind === "video" && random.chance(0.7)) {
      const apt = random.chance(0.97) ? payloadType : 3;
      codecs.push({ mimeType: "video/rtx", payloadType: payloadType + 1, clockRate: 90000, parameters: { apt } });
    }
    payloadType += 2;
  }
  const params: JsonObject = { codecs: random.chance(0.1) ? random.shuffled(codecs) : codecs };
  if (random.chance(0.9)) params["headerExtensions"] = extensions(random, caps, "id", 0.7);
  if (random.chance(0.9)) params["encodings"] = encodings(random);
  if (random.chance(0.8)) params["rtcp"] = random.pick<JsonObject>([{ cname: "abc" }, { cname: "" }, {}, { reducedSize: false }]);
  if (random.chance(0.5)) params["mid"] = String(random.integer(9));
  if (random.chance(0.5)) params["msid"] = "stream track";
  return params;
}

/** Capabilities of a receiver: what a router offers, less and otherwise. */
export function receiver(random: Random, caps: JsonObject): JsonObject {
  const codecs = random.some(caps["codecs"] as JsonObject[], 0.75).map((codec) => {
    const out = random.chance(0.3) && !isRtx(codec) ? withParameters(random, codec) : { ...codec };
    if (random.chance(0.7)) out["rtcpFeedback"] = random.some(FEEDBACK, 0.7);
    return out;
  });
  if (random.chance(0.2)) codecs.unshift(random.pick(STRANGERS));
  const out: JsonObject = { codecs: random.chance(0.2) ? random.shuffled(codecs) : codecs };
  if (random.chance(0.95)) out["headerExtensions"] = extensions(random, caps, "preferredId", 0.7);
  return out;
}

type Place = { parent: Json[] | JsonObject; key: string | number };

function places(value: Json, found: Place[] = []): Place[] {
  if (typeof value !== "object" || value === null) return found;
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  for (const key of keys) {
    const parent = value as Json[] & JsonObject;
    found.push({ parent, key });
    places(parent[key as never] as Json, found);
  }
  return found;
}

const JUNK: readonly Json[] = [null, false, true, "", "x", [], {}, [null], { a: 1 }, "audio", 7];

// The argument of an operation that comes from a browser; the others are our own earlier results, and
// `consumable` takes the parameters that its mapping was made from.
const FROM_OUTSIDE: Readonly<Record<string, string>> = {
  routerRtpCapabilities: "mediaCodecs",
  producerMapping: "params",
  canConsume: "caps",
  consumer: "remoteCaps",
};

/** The request with its outer argument, or one place inside it, filled with junk or taken away. */
export function damaged(random: Random, request: JsonObject): JsonObject | undefined {
  const name = FROM_OUTSIDE[String(request["op"])];
  if (name === undefined) return undefined;
  const out = structuredClone(request);
  const { parent, key } = random.pick([{ parent: out, key: name }, ...places(out[name] ?? null)]);
  const target = parent as JsonObject;
  if (random.chance(0.3) && parent !== out && !Array.isArray(parent)) delete target[key];
  else target[key] = structuredClone(random.pick(JUNK));
  return out;
}
