// Made-up sound and pictures for Node's WebRTC.
import wrtc from "@roamhq/wrtc";

const { RTCAudioSink, RTCAudioSource, RTCVideoSink, RTCVideoSource } = wrtc.nonstandard;
const SAMPLE_RATE = 48_000;
const SAMPLES = SAMPLE_RATE / 100; // of 10 ms
const TONE_HZ = 440;

export type Source = { readonly track: MediaStreamTrack; stop(): void };

/** A tone, for as long as the source is not stopped. */
export function tone(): Source {
  const source = new RTCAudioSource();
  let at = 0;
  const timer = setInterval(() => {
    const samples = new Int16Array(SAMPLES);
    for (let i = 0; i < SAMPLES; i++) samples[i] = 12_000 * Math.sin((2 * Math.PI * TONE_HZ * at++) / SAMPLE_RATE);
    source.onData({ samples, sampleRate: SAMPLE_RATE, bitsPerSample: 16, channelCount: 1, numberOfFrames: SAMPLES });
  }, 10);
  return stoppable(source.createTrack(), timer);
}

/** A picture that changes all over, fifteen times a second. */
export function picture(width: number, height: number): Source {
  const source = new RTCVideoSource();
  let shade = 0;
  const timer = setInterval(() => {
    const data = new Uint8Array((width * height * 3) / 2).fill(128);
    shade = (shade + 7) % 200;
    for (let row = 0; row < height; row++) data.fill(30 + ((shade + row) % 200), row * width, (row + 1) * width);
    source.onFrame({ width, height, data });
  }, 1000 / 15);
  return stoppable(source.createTrack(), timer);
}

function stoppable(track: MediaStreamTrack, timer: NodeJS.Timeout): Source {
  return {
    track,
    stop: () => {
      clearInterval(timer);
      track.stop();
    },
  };
}

/** What comes out of a track: decoded frames of a picture, or the energy of a sound. */
export class Watch {
  amount = 0;
  /** Of the last frame. */
  width = 0;
  readonly stop: () => void;

  constructor(track: MediaStreamTrack) {
    if (track.kind === "video") {
      const sink = new RTCVideoSink(track);
      sink.onframe = ({ frame }: { frame: { width: number } }) => {
        this.amount++;
        this.width = frame.width;
      };
      this.stop = () => sink.stop();
    } else {
      const sink = new RTCAudioSink(track);
      sink.ondata = ({ samples }: { samples: Int16Array }) => {
        for (const sample of samples) this.amount += (sample / 32_768) ** 2;
      };
      this.stop = () => sink.stop();
    }
  }
}
