import type { types } from "mediasoup-client";
import { describe, expect, test } from "vitest";
import { FakeTrack } from "~tests/fakes/media";
import { routerRtpCapabilities } from "~tests/fakes/sfu";
import { cameraEncodings, codingOf, videoCodec } from "./encodings";
import { layerCount, layersFor } from "./layers";

describe("cameraEncodings", () => {
  test.each([
    [1280, 3],
    [960, 3],
    [959, 2],
    [640, 2],
    [480, 2],
    [320, 1],
    [0, 1],
  ])("a capture %i pixels wide has %i layers", (width, count) => {
    expect(cameraEncodings(width)).toHaveLength(count);
  });

  test("go from the smallest to the full size, each with more bits", () => {
    const encodings = cameraEncodings(1280);
    expect(encodings.map((one) => one.scaleResolutionDownBy)).toEqual([4, 2, 1]);
    const bits = encodings.map((one) => one.maxBitrate ?? 0);
    expect(bits).toEqual([...bits].sort((a, b) => a - b));
  });
});

test("a shared screen is one layer, speech has DTX, FEC and NACK, and time layers where they work", () => {
  const screen = new FakeTrack("video", "screen", 1920) as unknown as MediaStreamTrack;
  expect(codingOf("screen", screen, true).encodings).toMatchObject([{ scalabilityMode: "L1T3" }]);
  expect(codingOf("screen", screen, false).encodings?.[0]).not.toHaveProperty("scalabilityMode");
  const mic = new FakeTrack("audio", "mic") as unknown as MediaStreamTrack;
  expect(codingOf("mic", mic, true).codecOptions).toMatchObject({
    opusDtx: true,
    opusFec: true,
    opusNack: true,
  });
});

describe("the codec", () => {
  const codec = (mimeType: string) =>
    ({ kind: "video", mimeType, clockRate: 90_000 }) as types.RtpCodecCapability;
  const browser = { codecs: ["video/H264", "video/VP8", "video/VP9", "video/AV1"].map(codec) };

  test.each([
    ["auto", "video/VP8"],
    ["VP9", "video/VP9"],
    ["AV1", "video/AV1"],
    ["H264", "video/H264"],
  ] as const)("%s is %s", (choice, mimeType) => {
    expect(videoCodec(browser, choice)?.mimeType).toBe(mimeType);
  });

  test("is VP8 where the browser has not what was chosen, and its own choice without that", () => {
    expect(videoCodec(routerRtpCapabilities, "AV1")?.mimeType).toBe("video/VP8");
    expect(videoCodec({ codecs: [] }, "auto")).toBeNull();
  });
});

describe("layers", () => {
  test.each([
    ["L3T3", { spatial: 3, temporal: 3 }],
    ["S2T1", { spatial: 2, temporal: 1 }],
    [undefined, { spatial: 1, temporal: 1 }],
  ])("of %s", (mode, count) => {
    expect(layerCount(mode)).toEqual(count);
  });

  test.each([
    [720, 3, 2],
    [450, 3, 1],
    [225, 3, 0],
    [90, 3, 0],
    [360, 2, 1],
    [200, 2, 0],
    [720, 1, 0],
  ])("a tile %i pixels high takes of %i layers number %i", (height, spatial, wanted) => {
    const size = { width: height, height };
    expect(layersFor(size, { spatial, temporal: 3 }).spatial).toBe(wanted);
  });

  test("the smallest tiles get half the frames, where that can be", () => {
    const small = { width: 160, height: 90 };
    expect(layersFor(small, { spatial: 1, temporal: 3 }).temporal).toBe(1);
    expect(layersFor(small, { spatial: 1, temporal: 1 }).temporal).toBe(0);
  });
});
