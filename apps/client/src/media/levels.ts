// Loudness of the local microphone, for the meter and for "you are talking while muted".

export interface LevelMeter {
  /** 0 to 1, of the last 20 ms or so. */
  level(): number;
  close(): void;
}

let context: AudioContext | null = null;

/** Measures a copy of the track, so that the meter works while the track itself is muted. */
export function createLevelMeter(track: MediaStreamTrack): LevelMeter {
  context ??= new AudioContext();
  if (context.state === "suspended") void context.resume();
  const copy = track.clone();
  copy.enabled = true;
  const source = context.createMediaStreamSource(new MediaStream([copy]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    level: () => {
      analyser.getFloatTimeDomainData(samples);
      return loudness(samples);
    },
    close: () => {
      source.disconnect();
      copy.stop();
    },
  };
}

const QUIETEST_DB = -60;

/** Root mean square of samples in -1 to 1, on a decibel scale from -60 dB (0) to 0 dB (1). */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(samples.length, 1));
  if (rms === 0) return 0;
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(rms)) / QUIETEST_DB));
}

/** Linear level of a received packet (0 to 1) above which somebody speaks: -46 dB. */
export const SPEECH_LEVEL = 0.005;
/** The same on the meter's decibel scale. */
export const SPEECH_LOUDNESS = 1 - 46 / 60;

/** Somebody who pauses for less than this still speaks. */
export const SPEECH_HANG_MS = 400;
