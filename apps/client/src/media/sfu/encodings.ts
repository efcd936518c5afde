// What is sent to the SFU: how many layers of a picture, and how sound is coded. Pure.
import type { types } from "mediasoup-client";
import type { Source } from "~/signalling/events";
import type { CodecChoice } from "./codecChoice";

type Encodings = types.RtpEncodingParameters[];

/** Three layers of a capture this wide, two, or one: a small picture has no smaller ones to send. */
const THREE_LAYERS_FROM = 960;
const TWO_LAYERS_FROM = 480;

/** For a camera captured `width` pixels wide, the longer side; 0 when the browser does not say. */
export function cameraEncodings(width: number): Encodings {
  if (width >= THREE_LAYERS_FROM) {
    return [
      { scaleResolutionDownBy: 4, maxBitrate: 150_000 },
      { scaleResolutionDownBy: 2, maxBitrate: 500_000 },
      { scaleResolutionDownBy: 1, maxBitrate: 1_800_000 },
    ];
  }
  if (width >= TWO_LAYERS_FROM) {
    return [
      { scaleResolutionDownBy: 2, maxBitrate: 150_000 },
      { scaleResolutionDownBy: 1, maxBitrate: 700_000 },
    ];
  }
  return [{ maxBitrate: 300_000 }];
}

/** Text wants every pixel: one layer at full size, and fewer frames when the path is narrow. */
const screenEncodings: Encodings = [{ maxBitrate: 2_500_000 }];

/** A packet that is lost on its way to the server is sent again, or mended by the next one (FEC). */
const repaired: types.ProducerCodecOptions = { opusNack: true, opusFec: true };
/** Pauses in speech send next to nothing (DTX). */
const speech: types.ProducerCodecOptions = { ...repaired, opusStereo: false, opusDtx: true };
const music: types.ProducerCodecOptions = { ...repaired, opusStereo: true, opusDtx: false };
const picture: types.ProducerCodecOptions = { videoGoogleStartBitrate: 800 };

export type Coding = Pick<types.ProducerOptions, "encodings" | "codecOptions">;

/** `temporal`: the browser can code time layers, so that receivers may get half the frames. */
export function codingOf(source: Source, track: MediaStreamTrack, temporal: boolean): Coding {
  if (source === "mic") return { codecOptions: speech };
  if (source === "screen-audio") return { codecOptions: music };
  const { width = 0, height = 0 } = track.getSettings();
  const encodings =
    source === "screen" ? screenEncodings : cameraEncodings(Math.max(width, height));
  return {
    codecOptions: picture,
    encodings: temporal ? encodings.map((one) => ({ ...one, scalabilityMode: "L1T3" })) : encodings,
  };
}

/** VP8 is what every browser codes in several layers; without it the browser's first choice. */
export function videoCodec(
  { codecs = [] }: types.RtpCapabilities,
  choice: CodecChoice,
): types.RtpCodecCapability | null {
  const named = (name: string) =>
    codecs.find(({ mimeType }) => mimeType.toLowerCase() === `video/${name.toLowerCase()}`);
  return named(choice) ?? named("VP8") ?? null;
}
