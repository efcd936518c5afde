// A router with every codec that browsers send.
import type { JsonObject } from "./tool.ts";

const h264 = (profile: string, packetization: number): JsonObject => ({
  kind: "video",
  mimeType: "video/H264",
  clockRate: 90000,
  parameters: { "packetization-mode": packetization, "profile-level-id": profile, "level-asymmetry-allowed": 1 },
});

export const MEDIA_CODECS: JsonObject[] = [
  {
    kind: "audio",
    mimeType: "audio/opus",
    clockRate: 48000,
    channels: 2,
    parameters: { minptime: 10, useinbandfec: 1, usedtx: 1 },
  },
  { kind: "audio", mimeType: "audio/PCMU", clockRate: 8000 },
  { kind: "audio", mimeType: "audio/PCMA", clockRate: 8000 },
  { kind: "video", mimeType: "video/VP8", clockRate: 90000 },
  { kind: "video", mimeType: "video/VP9", clockRate: 90000, parameters: { "profile-id": 0 } },
  { kind: "video", mimeType: "video/VP9", clockRate: 90000, parameters: { "profile-id": 2 } },
  h264("42e01f", 1),
  h264("42001f", 1),
  h264("4d001f", 1),
  h264("64001f", 1),
  h264("42e01f", 0),
  { kind: "video", mimeType: "video/AV1", clockRate: 90000 },
];
