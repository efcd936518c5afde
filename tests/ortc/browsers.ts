// The recordings of capture/record.ts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "./tool.ts";

export type Produced = { name: string; kind: "audio" | "video"; rtpParameters: JsonObject };
export type Recording = {
  userAgent: string;
  native: { recvonly: JsonObject; sendonly: JsonObject };
  recvRtpCapabilities: JsonObject;
  sendRtpCapabilities: JsonObject;
  producers: Produced[];
};

function read(name: string): Recording {
  const text = readFileSync(join(import.meta.dirname, "fixtures", `${name}.json`), "utf8");
  return JSON.parse(text) as Recording;
}

export const BROWSERS: Readonly<Record<string, Recording>> = {
  chromium: read("chromium"),
  firefox: read("firefox"),
};
