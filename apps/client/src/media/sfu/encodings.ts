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

/** Speech pauses send next to nothing (DTX), and a lost packet is mended by the next one (FEC). */
const speech: types.ProducerCodecOptions = { opusStereo: false, opusDtx: true, opusFec: true };
const music: types.ProducerCodecOptions = { opusStereo: true, opusDtx: false, opusFec: true };
const picture: types.ProducerCodecOptions = { videoGoogleStartBitrate: 800 };

export type Coding = Pick<types.ProducerOptions, "encodings" | "codecOptions">;

/** What the browser's coder does when it is asked to. */
export type Coder = {
  /** Time layers, so that receivers may get half the frames. */
  readonly temporal: boolean;
  /** Sizes too as layers of one stream (SVC), in place of several streams (simulcast). */
  readonly spatial: boolean;
};

export function codingOf(source: Source, track: MediaStreamTrack, coder: Coder): Coding {
  if (source === "mic") return { codecOptions: speech };
  if (source === "screen-audio") return { codecOptions: music };
  const { width = 0, height = 0 } = track.getSettings();
  const encodings =
    source === "screen" ? screenEncodings : cameraEncodings(Math.max(width, height));
  return { codecOptions: picture, encodings: layered(encodings, coder) };
}

function layered(encodings: Encodings, { temporal, spatial }: Coder): Encodings {
  if (!spatial) {
    return temporal ? encodings.map((one) => ({ ...one, scalabilityMode: "L1T3" })) : encodings;
  }
  const maxBitrate = Math.max(...encodings.map((one) => one.maxBitrate ?? 0));
  const suffix = encodings.length > 1 ? "_KEY" : "";
  const mode = `L${encodings.length}T3${suffix}`;
  return [{ maxBitrate, scalabilityMode: mode }];
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

/** Browsers that code time layers code the sizes of VP9 and AV1 as layers too. */
export function coderOf(codec: types.RtpCodecCapability | null, temporal: boolean): Coder {
  return { temporal, spatial: temporal && /\/(vp9|av1)$/i.test(codec?.mimeType ?? "") };
}
