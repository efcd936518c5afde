import { describe, expect, test } from "vitest";
import { cameraEncoding } from "./encoding";
import { loudness } from "./levels";
import { helpFor, type MediaProblem, readPlatform } from "./mediaProblem";
import { type PathSample, rate, readPath } from "./quality";
import { guessSources } from "./sources";

describe("help with devices", () => {
  const problems: MediaProblem[] = [
    "denied",
    "denied-by-system",
    "missing",
    "busy",
    "unplugged",
    "insecure",
    "unsupported",
    "unknown",
  ];

  test("every problem has its own title and at least one step, for each device", () => {
    for (const kind of ["mic", "camera", "both", "screen"] as const) {
      const helps = problems.map((problem) =>
        helpFor(problem, kind, { browser: "chrome", system: "windows" }),
      );
      expect(new Set(helps.map((help) => help.title)).size).toBe(problems.length);
      expect(helps.every((help) => help.steps.length > 0)).toBe(true);
    }
  });

  test.each([
    ["Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "firefox", "other"],
    [
      "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
      "chrome",
      "windows",
    ],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/18 Safari/605",
      "safari",
      "macos",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604",
      "safari",
      "ios",
    ],
    ["Mozilla/5.0 (Linux; Android 15) Chrome/130.0 Mobile Safari/537.36", "chrome", "android"],
  ])("%s", (agent, browser, system) => {
    expect(readPlatform(agent)).toEqual({ browser, system });
  });
});

describe("loudness", () => {
  test("silence is 0, full scale is 1, -30 dB is half", () => {
    expect(loudness(new Float32Array(64))).toBe(0);
    expect(loudness(new Float32Array(64).fill(1))).toBe(1);
    expect(loudness(new Float32Array(64).fill(10 ** (-30 / 20)))).toBeCloseTo(0.5);
    expect(loudness(new Float32Array(64).fill(1e-6))).toBe(0);
  });
});

describe("quality of a path", () => {
  const start: PathSample = { received: 1000, lost: 10, rttMs: 20 };
  const after = (received: number, lost: number, rttMs: number | null): PathSample => ({
    received: start.received + received,
    lost: start.lost + lost,
    rttMs,
  });

  test.each([
    [after(100, 0, 20), 5],
    [after(98, 2, 20), 4],
    [after(95, 5, 20), 3],
    [after(85, 15, 20), 2],
    [after(50, 50, 20), 1],
    [after(100, 0, 700), 2],
    [after(0, 0, 20), 0],
    [after(100, -5, null), 5],
  ])("%o is %i", (now, quality) => {
    expect(rate(start, now)).toBe(quality);
  });

  test("before anything came there is nothing to say", () => {
    const nothing: PathSample = { received: 0, lost: 0, rttMs: null };
    expect(rate(nothing, nothing)).toBeNull();
  });

  test("is read from the streams that came in and the pair in use", () => {
    const report = new Map<string, object>([
      ["a", { type: "inbound-rtp", packetsReceived: 10, packetsLost: 1 }],
      ["b", { type: "inbound-rtp", packetsReceived: 5, packetsLost: 0 }],
      ["c", { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.05 }],
      ["d", { type: "candidate-pair", nominated: false, currentRoundTripTime: 9 }],
    ]);
    expect(readPath(report as unknown as RTCStatsReport)).toEqual({
      received: 15,
      lost: 1,
      rttMs: 50,
    });
  });
});

test("the more there are, the less each camera takes of the uplink", () => {
  const rates = [1, 2, 4, 9].map((others) => cameraEncoding(others).maxBitrate);
  expect(rates).toEqual([...rates].sort((a, b) => b - a));
  expect(9 * cameraEncoding(9).maxBitrate).toBeLessThan(4_000_000);
});

test("without names the first of a kind is the person, the second the screen", () => {
  const lines = ["audio", "video", "video", "audio", "audio"].map((kind, i) => ({
    mid: String(i),
    receiver: { track: { kind } },
  }));
  expect(guessSources(lines)).toEqual({
    0: "mic",
    1: "camera",
    2: "screen",
    3: "screen-audio",
  });
});
