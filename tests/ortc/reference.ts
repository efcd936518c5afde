// The same requests answered by mediasoup's own functions, with what its transports do around them.
import * as mediasoup from "mediasoup/ortc";
import type { Answer, Json, JsonObject } from "./tool.ts";

// Their types are for callers that mean well; here anything may come.
const ortc = mediasoup as unknown as Record<string, (...args: unknown[]) => unknown>;

function call(name: string, ...args: unknown[]): unknown {
  const found = ortc[name];
  if (found === undefined) throw new Error(`mediasoup has no ${name}`);
  return found(...args);
}

function copy<T>(value: T): T {
  return value === undefined ? value : (structuredClone(value) as T);
}

/** Checks what a producer sends and fills it in, as a transport does before it maps it. */
function producerParameters(request: JsonObject): JsonObject {
  const params = copy(request["params"]) as JsonObject;
  call("validateAndNormalizeRtpParameters", params);
  if ((params["encodings"] as Json[]).length === 0) params["encodings"] = [{}];
  return params;
}

function capabilities(value: Json | undefined): Json {
  const caps = copy(value);
  call("validateAndNormalizeRtpCapabilities", caps);
  return caps as Json;
}

function parameters(value: Json | undefined): JsonObject {
  const params = copy(value);
  call("validateAndNormalizeRtpParameters", params);
  return params as JsonObject;
}

function isVideo(consumable: JsonObject): boolean {
  const [first] = consumable["codecs"] as JsonObject[];
  return String(first?.["mimeType"]).toLowerCase().startsWith("video/");
}

function run(request: JsonObject): unknown {
  switch (request["op"]) {
    case "routerRtpCapabilities":
      return call("generateRouterRtpCapabilities", copy(request["mediaCodecs"]));
    case "producerMapping": {
      const caps = capabilities(request["caps"]);
      return call("getProducerRtpParametersMapping", producerParameters(request), caps);
    }
    case "consumable": {
      const params = producerParameters(request);
      const caps = capabilities(request["caps"]);
      // The mapping rewrites the H264 level in `params`.
      call("getProducerRtpParametersMapping", params, caps);
      return call("getConsumableRtpParameters", request["kind"], params, caps, copy(request["mapping"]));
    }
    case "canConsume":
      return call("canConsume", parameters(request["consumable"]), copy(request["caps"]));
    case "consumer": {
      const consumable = parameters(request["consumable"]);
      return call("getConsumerRtpParameters", {
        consumableRtpParameters: consumable,
        remoteRtpCapabilities: capabilities(request["remoteCaps"]),
        pipe: request["pipe"] ?? false,
        enableRtx: request["enableRtx"] ?? isVideo(consumable),
      });
    }
    case "pipeConsumer":
      return call("getPipeConsumerRtpParameters", {
        consumableRtpParameters: parameters(request["consumable"]),
        enableRtx: request["enableRtx"] ?? false,
      });
    default:
      throw new TypeError("unknown operation");
  }
}

// A router exists before anything is negotiated; its making also primes the dependency descriptor
// of pipes.
call("generateRouterRtpCapabilities", []);

export function reference(request: JsonObject): Answer {
  try {
    return { result: JSON.parse(JSON.stringify(run(request))) as Json };
  } catch (error) {
    const unsupported = error instanceof Error && error.name === "UnsupportedError";
    return { error: { code: unsupported ? "UNSUPPORTED" : "MALFORMED", message: String(error) } };
  }
}
