// What the measured pages do beside the call: all but partsOf() runs in the page.
import type { Noted } from "../../tests/e2e/first_frame.ts";

/** Runs before the page's scripts: a camera whose picture is the time, as 16 black or white columns (Gray code). */
export function filmClock(): void {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
  const draw = () => {
    const paint = canvas.getContext("2d");
    const now = Date.now() & 0xffff;
    const code = now ^ (now >> 1);
    for (let i = 0; paint !== null && i < 16; i++) {
      paint.fillStyle = (code >> i) & 1 ? "white" : "black";
      paint.fillRect(i * 40, 0, 40, 360);
    }
  };
  setInterval(draw, 1000 / 30);
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (asked = {}) => (asked.video ? canvas.captureStream(30) : open(asked));
}

type Connection = { receives: boolean; checking: number; ice: number; dtls: number };

/** Runs before the page's scripts: notes when each connection came so far. */
export function watchConnections(): void {
  const connections: Connection[] = [];
  Object.assign(window, { connections });
  const Original = RTCPeerConnection;
  class Watched extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      const times: Connection = { receives: false, checking: 0, ice: 0, dtls: 0 };
      connections.push(times);
      this.addEventListener("track", ({ track }) => (times.receives ||= track.kind === "video"));
      this.addEventListener("iceconnectionstatechange", () => {
        if (this.iceConnectionState === "checking") times.checking ||= Date.now();
        if (this.iceConnectionState === "connected") times.ice ||= Date.now();
      });
      this.addEventListener("connectionstatechange", () => {
        if (this.connectionState === "connected") times.dtls ||= Date.now();
      });
    }
  }
  Object.assign(window, { RTCPeerConnection: Watched });
}

/** The parts of a join in milliseconds, one after the other; null until the first frame was shown. */
export type Join = { signalling: number; ice: number; dtls: number; frame: number; total: number };

export function readConnections(): Connection[] {
  return (window as unknown as { connections: Connection[] }).connections;
}

export function partsOf({ click, frame }: Noted, connections: readonly Connection[]): Join | null {
  const one = connections.find(({ receives, dtls }) => receives && dtls > 0);
  if (click === null || frame === null || one === undefined) return null;
  return {
    signalling: one.checking - click,
    ice: one.ice - one.checking,
    dtls: one.dtls - one.ice,
    frame: frame - one.dtls,
    total: frame - click,
  };
}

/** Reads the clock in the one remote picture, frame by frame, and keeps how late each is. */
export function watchDelay(): void {
  const late: number[] = [];
  Object.assign(window, { late });
  const video = document.querySelector<HTMLVideoElement>('[data-testid="tile"] video');
  const paint = Object.assign(document.createElement("canvas"), { width: 160, height: 90 })
    .getContext("2d", { willReadFrequently: true });
  const read = () => {
    if (video === null || paint === null) return;
    const now = Date.now();
    paint.drawImage(video, 0, 0, 160, 90);
    const row = paint.getImageData(0, 45, 160, 1).data;
    let time = 0;
    for (let i = 15, bit = 0; i >= 0; i--) {
      bit ^= (row[(i * 10 + 5) * 4] ?? 0) > 127 ? 1 : 0;
      time |= bit << i;
    }
    late.push((now - time) & 0xffff);
    video.requestVideoFrameCallback(read);
  };
  video?.requestVideoFrameCallback(read);
}

export function readDelays(): number[] {
  return (window as unknown as { late: number[] }).late;
}
