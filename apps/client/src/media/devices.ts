// The list of devices, and which of them the person chose (kept for the next visit).

export type Device = { readonly id: string; readonly label: string };
export type DeviceList = {
  readonly mics: readonly Device[];
  readonly cameras: readonly Device[];
  readonly speakers: readonly Device[];
};
export const noDevices: DeviceList = { mics: [], cameras: [], speakers: [] };

/** The part of navigator.mediaDevices that we use; absent on insecure origins. */
export type DevicePort = Pick<
  MediaDevices,
  "getUserMedia" | "enumerateDevices" | "addEventListener" | "removeEventListener"
> & { readonly getDisplayMedia?: MediaDevices["getDisplayMedia"] };

/** Ids of the chosen devices; null means the system's default. */
export type Choice = {
  readonly mic: string | null;
  readonly camera: string | null;
  readonly speaker: string | null;
};

/** What is remembered of a person's devices from one visit to the next. */
export type Preferences = {
  readonly choice: Choice;
  readonly micOn: boolean;
  readonly cameraOn: boolean;
};
export const defaultPreferences: Preferences = {
  choice: { mic: null, camera: null, speaker: null },
  micOn: true,
  cameraOn: true,
};

/** Names the devices; before a permission is given they have no label and often no id. */
export function sortDevices(infos: readonly MediaDeviceInfo[]): DeviceList {
  const list = (kind: MediaDeviceKind, noun: string): Device[] =>
    infos
      .filter((info) => info.kind === kind && info.deviceId !== "")
      .map((info, i) => ({ id: info.deviceId, label: info.label || `${noun} ${i + 1}` }));
  return {
    mics: list("audioinput", "Microphone"),
    cameras: list("videoinput", "Camera"),
    speakers: list("audiooutput", "Speaker"),
  };
}

/** The devices of `after` that `before` did not have. */
export function newDevices(before: readonly Device[], after: readonly Device[]): readonly Device[] {
  const known = new Set(before.map((device) => device.id));
  return after.filter((device) => !known.has(device.id));
}

const KEY = "webrtc-chat.devices";

export type Storage = Pick<globalThis.Storage, "getItem" | "setItem">;

export function loadPreferences(storage: Storage): Preferences {
  try {
    const stored: unknown = JSON.parse(storage.getItem(KEY) ?? "null");
    if (typeof stored !== "object" || stored === null) return defaultPreferences;
    const raw = stored as Record<string, unknown>;
    const choice = (raw["choice"] ?? {}) as Record<string, unknown>;
    const id = (value: unknown) => (typeof value === "string" ? value : null);
    return {
      choice: {
        mic: id(choice["mic"]),
        camera: id(choice["camera"]),
        speaker: id(choice["speaker"]),
      },
      micOn: raw["micOn"] !== false,
      cameraOn: raw["cameraOn"] !== false,
    };
  } catch {
    return defaultPreferences;
  }
}

export function savePreferences(storage: Storage, preferences: Preferences): void {
  try {
    storage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // A full or forbidden storage costs the memory of the choice, nothing else.
  }
}

export function audioConstraints(deviceId: string | null): MediaTrackConstraints {
  return {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    ...(deviceId === null ? {} : { deviceId: { exact: deviceId } }),
  };
}

export function videoConstraints(deviceId: string | null): MediaTrackConstraints {
  return {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30 },
    ...(deviceId === null ? {} : { deviceId: { exact: deviceId } }),
  };
}
