// A browser's devices in memory: tests plug them in and out, deny and break them.
import type { DevicePort, Storage } from "~/media/devices";

let nextTrackId = 0;

export class FakeTrack extends EventTarget {
  readonly kind: string;
  readonly label: string;
  enabled = true;
  contentHint = "";
  readyState: "live" | "ended" = "live";
  readonly id = `track-${nextTrackId++}`;
  private readonly width: number;

  constructor(kind: string, label: string, width = 0) {
    super();
    this.kind = kind;
    this.label = label;
    this.width = width;
  }

  getSettings(): MediaTrackSettings {
    return this.width === 0 ? {} : { width: this.width, height: (this.width * 9) / 16 };
  }

  clone(): FakeTrack {
    return new FakeTrack(this.kind, this.label);
  }

  stop(): void {
    this.readyState = "ended";
  }

  /** The device goes away by itself. */
  end(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }
}

type Kind = "audioinput" | "videoinput" | "audiooutput";

export class FakeDevices extends EventTarget {
  readonly opened: FakeTrack[] = [];
  /** What the next requests for this kind are rejected with. */
  readonly failures: { audio?: DOMException; video?: DOMException; screen?: DOMException } = {};
  private plugged: Array<{ id: string; kind: Kind }> = [];

  plug(...devices: Array<[string, Kind]>): void {
    this.plugged.push(...devices.map(([id, kind]) => ({ id, kind })));
    this.dispatchEvent(new Event("devicechange"));
  }

  unplug(id: string): void {
    this.plugged = this.plugged.filter((device) => device.id !== id);
    for (const track of this.opened)
      if (track.label === id && track.readyState === "live") track.end();
    this.dispatchEvent(new Event("devicechange"));
  }

  async enumerateDevices(): Promise<MediaDeviceInfo[]> {
    return this.plugged.map(
      ({ id, kind }) => ({ deviceId: id, kind, label: id, groupId: "" }) as MediaDeviceInfo,
    );
  }

  async getUserMedia(asked: MediaStreamConstraints): Promise<MediaStream> {
    const audio = asked.audio !== undefined;
    const failure = audio ? this.failures.audio : this.failures.video;
    if (failure !== undefined) throw failure;
    const kind: Kind = audio ? "audioinput" : "videoinput";
    const wanted = exactId(audio ? asked.audio : asked.video);
    const found = this.plugged.find(
      (device) => device.kind === kind && (wanted === null || device.id === wanted),
    );
    if (found === undefined) {
      throw new DOMException("none", wanted === null ? "NotFoundError" : "OverconstrainedError");
    }
    return this.stream(new FakeTrack(audio ? "audio" : "video", found.id));
  }

  async getDisplayMedia(): Promise<MediaStream> {
    if (this.failures.screen !== undefined) throw this.failures.screen;
    return this.stream(new FakeTrack("video", "screen"), new FakeTrack("audio", "screen sound"));
  }

  get port(): DevicePort {
    return this as unknown as DevicePort;
  }

  private stream(...tracks: FakeTrack[]): MediaStream {
    this.opened.push(...tracks);
    const of = (kind: string) => tracks.filter((track) => track.kind === kind);
    const stream = {
      getTracks: () => tracks,
      getVideoTracks: () => of("video"),
      getAudioTracks: () => of("audio"),
    };
    return stream as unknown as MediaStream;
  }
}

function exactId(constraints: MediaStreamConstraints["audio"]): string | null {
  if (typeof constraints !== "object") return null;
  const id = constraints.deviceId;
  return typeof id === "object" && !Array.isArray(id) && typeof id.exact === "string"
    ? id.exact
    : null;
}

export function fakeStorage(initial: Record<string, string> = {}): Storage {
  const items = new Map(Object.entries(initial));
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => {
      items.set(key, value);
    },
  };
}
