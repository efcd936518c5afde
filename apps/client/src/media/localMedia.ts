// This person's microphone, camera and screen: what is on, what is wanted, and what went wrong.
// Microphone and camera are asked for separately, so that one without the other still works.
import { type Kind, openDevice, openScreen } from "./capture";
import {
  type Choice,
  type DeviceList,
  type DevicePort,
  loadPreferences,
  newDevices,
  noDevices,
  type Preferences,
  type Storage,
  savePreferences,
  sortDevices,
} from "./devices";
import { type MediaProblem, problemFrom } from "./mediaProblem";
import { createCell, type Observable } from "./observable";

/** `on`: the others get it. A muted microphone keeps its track, a camera that is off lets go. */
export type LocalDevice = {
  readonly on: boolean;
  readonly starting: boolean;
  readonly track: MediaStreamTrack | null;
  readonly problem: MediaProblem | null;
};

export type LocalScreen = LocalDevice & { readonly audio: MediaStreamTrack | null };

export type LocalState = {
  readonly mic: LocalDevice;
  readonly camera: LocalDevice;
  readonly screen: LocalScreen;
  readonly devices: DeviceList;
  readonly choice: Choice;
};

export type LocalNotice =
  | { readonly type: "unplugged"; readonly kind: Kind }
  | { readonly type: "switched"; readonly label: string };

export interface LocalMediaPorts {
  /** Absent on insecure origins. */
  readonly devices: DevicePort | undefined;
  readonly storage: Storage;
  readonly secure: boolean;
}

const off: LocalDevice = { on: false, starting: false, track: null, problem: null };
const noScreen: LocalScreen = { ...off, audio: null };

export class LocalMedia implements Observable<LocalState> {
  private readonly ports: LocalMediaPorts;
  private readonly cell;
  private readonly listeners = new Set<(notice: LocalNotice) => void>();
  private preferences: Preferences;
  // The newest request of each kind wins: an older answer that comes late is thrown away.
  private readonly turns = { mic: 0, camera: 0, screen: 0 };
  private running = false;

  constructor(ports: LocalMediaPorts) {
    this.ports = ports;
    this.preferences = loadPreferences(ports.storage);
    this.cell = createCell<LocalState>({
      mic: off,
      camera: off,
      screen: noScreen,
      devices: noDevices,
      choice: this.preferences.choice,
    });
  }

  readonly get = (): LocalState => this.cell.get();
  readonly subscribe = (onChange: () => void): (() => void) => this.cell.subscribe(onChange);

  onNotice(listener: (notice: LocalNotice) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** Asks for what was on last time, and watches the devices from now on. */
  async start(): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.ports.devices?.addEventListener("devicechange", this.onDeviceChange);
    await this.list();
    // One prompt after the other: browsers merge or lose prompts that come together.
    await this.open("mic", this.preferences.micOn);
    if (this.running && this.preferences.cameraOn) await this.open("camera", true);
  }

  /** Lets go of every device; `start` brings back what was on. */
  stop(): void {
    this.running = false;
    this.ports.devices?.removeEventListener("devicechange", this.onDeviceChange);
    this.release("mic");
    this.release("camera");
    this.stopScreen();
  }

  async setMic(on: boolean): Promise<void> {
    this.remember({ micOn: on });
    const { mic } = this.get();
    if (mic.track === null) {
      if (on) await this.open("mic", true);
      return;
    }
    mic.track.enabled = on;
    this.patch({ mic: { ...mic, on } });
  }

  async setCamera(on: boolean): Promise<void> {
    this.remember({ cameraOn: on });
    if (on) await this.open("camera", true);
    else this.release("camera");
  }

  async setScreen(on: boolean): Promise<void> {
    if (on) await this.startScreen();
    else this.stopScreen();
  }

  /** Takes another device, at once when the kind is in use; null is the system's default. */
  async choose(kind: keyof Choice, deviceId: string | null): Promise<void> {
    const choice = { ...this.get().choice, [kind]: deviceId };
    this.patch({ choice });
    this.remember({ choice });
    if (kind === "mic") await this.open("mic", this.get().mic.on);
    if (kind === "camera" && this.get().camera.on) await this.open("camera", true);
  }

  /** Opens the device of `kind`; `on` says whether the others get it. */
  private async open(kind: Kind, on: boolean): Promise<void> {
    const turn = ++this.turns[kind];
    const { devices } = this.ports;
    if (devices === undefined) {
      this.patch({ [kind]: { ...off, problem: this.unavailable() } });
      return;
    }
    this.patch({ [kind]: { ...this.get()[kind], starting: true, problem: null } });
    try {
      const track = await openDevice(devices, kind, this.get().choice[kind]);
      if (turn !== this.turns[kind]) return track.stop();
      this.get()[kind].track?.stop();
      track.enabled = on;
      track.addEventListener("ended", () => void this.replaceLost(kind, track));
      this.patch({ [kind]: { on, starting: false, track, problem: null } });
      await this.list();
    } catch (error) {
      if (turn !== this.turns[kind]) return;
      this.get()[kind].track?.stop();
      this.patch({ [kind]: { ...off, problem: problemFrom(error) } });
    }
  }

  /** The track ended by itself: the device was pulled out or taken away. */
  private async replaceLost(kind: Kind, track: MediaStreamTrack): Promise<void> {
    const device = this.get()[kind];
    if (device.track !== track) return;
    this.patch({ [kind]: off });
    await this.open(kind, device.on);
    const now = this.get()[kind];
    if (now.track !== null) return this.notify({ type: "switched", label: now.track.label });
    this.patch({ [kind]: { ...now, problem: "unplugged" } });
    this.notify({ type: "unplugged", kind });
  }

  private release(kind: Kind): void {
    this.turns[kind]++;
    this.get()[kind].track?.stop();
    this.patch({ [kind]: off });
  }

  /** A device came or went. One that was missed, or that the person chose, is taken up by itself. */
  private readonly onDeviceChange = async (): Promise<void> => {
    const before = this.get().devices;
    await this.list();
    const { devices: after, choice, mic, camera } = this.get();
    const micBack = newDevices(before.mics, after.mics).find(({ id }) => id === choice.mic);
    const cameras = newDevices(before.cameras, after.cameras);
    const cameraBack = cameras.find(({ id }) => id === choice.camera);
    if (micBack !== undefined && mic.track !== null) {
      await this.open("mic", mic.on);
      this.notify({ type: "switched", label: micBack.label });
    }
    if (cameraBack !== undefined && camera.on) {
      await this.open("camera", true);
      this.notify({ type: "switched", label: cameraBack.label });
    }
    await this.takeUpMissed("mic", this.preferences.micOn);
    if (this.preferences.cameraOn) await this.takeUpMissed("camera", true);
  };

  /** Opens a device where there was none before; before a permission is given none has an id. */
  private async takeUpMissed(kind: Kind, on: boolean): Promise<void> {
    const { problem } = this.get()[kind];
    if (problem !== "missing" && problem !== "unplugged") return;
    const infos = (await this.ports.devices?.enumerateDevices()) ?? [];
    const plugged = kind === "mic" ? "audioinput" : "videoinput";
    if (!this.running || !infos.some((info) => info.kind === plugged)) return;
    await this.open(kind, on);
    const { track } = this.get()[kind];
    if (track !== null) this.notify({ type: "switched", label: track.label });
  }

  private async startScreen(): Promise<void> {
    const turn = ++this.turns.screen;
    const getDisplayMedia = this.ports.devices?.getDisplayMedia?.bind(this.ports.devices);
    if (getDisplayMedia === undefined) {
      this.patch({ screen: { ...noScreen, problem: this.unavailable() } });
      return;
    }
    this.patch({ screen: { ...noScreen, starting: true } });
    try {
      const { video, audio } = await openScreen(getDisplayMedia);
      if (turn !== this.turns.screen) {
        video.stop();
        audio?.stop();
        return;
      }
      video.addEventListener("ended", () => {
        if (this.get().screen.track === video) this.stopScreen();
      });
      this.patch({ screen: { ...noScreen, on: true, track: video, audio } });
    } catch (error) {
      if (turn !== this.turns.screen) return;
      // A cancelled picker looks like a denial by the person: nothing is said about it.
      const problem = problemFrom(error);
      this.patch({ screen: { ...noScreen, problem: problem === "denied" ? null : problem } });
    }
  }

  private stopScreen(): void {
    this.turns.screen++;
    const { track, audio } = this.get().screen;
    track?.stop();
    audio?.stop();
    this.patch({ screen: noScreen });
  }

  private async list(): Promise<void> {
    try {
      const infos = await this.ports.devices?.enumerateDevices();
      if (infos !== undefined) this.patch({ devices: sortDevices(infos) });
    } catch {
      // Without a list the defaults still work.
    }
  }

  private unavailable(): MediaProblem {
    return this.ports.secure ? "unsupported" : "insecure";
  }

  private patch(change: Partial<LocalState>): void {
    this.cell.set({ ...this.get(), ...change });
  }

  private notify(notice: LocalNotice): void {
    for (const listener of this.listeners) listener(notice);
  }

  private remember(change: Partial<Preferences>): void {
    this.preferences = { ...this.preferences, ...change };
    savePreferences(this.ports.storage, this.preferences);
  }
}
