// Answers in one form: sorted keys, no nulls, and SSRCs as their distance from the first one, since
// both sides choose them at random.
import type { Json, JsonObject } from "./tool.ts";

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const names = Object.keys(value)
    .filter((name) => value[name] !== null)
    .sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name] ?? null)]));
}

function relative(value: Json | undefined, first: Json | undefined): Json {
  return typeof value === "number" && typeof first === "number" ? value - first : (value ?? null);
}

/** `rtx` counts from the media SSRC where there is one stream, and from the first RTX elsewhere. */
function withoutChance(op: string, result: Json): Json {
  if (!isObject(result) || !Array.isArray(result["encodings"])) return result;
  const encodings = structuredClone(result["encodings"]).filter(isObject);
  const first = encodings[0];
  const firstSsrc = first?.["ssrc"];
  const firstMapped = first?.["mappedSsrc"];
  const firstRtx = isObject(first?.["rtx"]) ? first["rtx"]["ssrc"] : undefined;
  for (const encoding of encodings) {
    if (op === "producerMapping") {
      encoding["mappedSsrc"] = relative(encoding["mappedSsrc"], firstMapped);
    } else if (op === "consumer" || op === "pipeConsumer") {
      encoding["ssrc"] = relative(encoding["ssrc"], firstSsrc);
      if (isObject(encoding["rtx"])) {
        encoding["rtx"]["ssrc"] = relative(encoding["rtx"]["ssrc"], op === "consumer" && isSingle(result) ? firstSsrc : firstRtx);
      }
    }
  }
  return { ...result, encodings };
}

/** One stream whose RTX follows it: what a browser gets. A pipe's runs lie apart. */
function isSingle(result: JsonObject): boolean {
  const [first, second] = (result["encodings"] as Json[]).filter(isObject);
  if (second !== undefined || first === undefined || !isObject(first["rtx"])) return false;
  return relative(first["rtx"]["ssrc"], first["ssrc"]) === 1;
}

export function normal(op: string, result: Json): string {
  return JSON.stringify(sorted(withoutChance(op, result)));
}
