// What a journey does with one browser of one person, whichever browser it is.

export type Size = { width: number; height: number };

/** A camera that two cores can encode several times over while other tests run beside. */
export const SMALL_CAMERA = { width: 320, height: 180, frameRate: 15 };

export interface Tab {
  readonly name: string;
  /** From the next page on the camera gives no more than this, and a screen little more, whatever is asked for. */
  limitCamera(limits: typeof SMALL_CAMERA): Promise<void>;
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Runs a function in the page; it sees nothing but its arguments, and all of it travels as JSON. */
  evaluate<A extends readonly unknown[], R>(run: (...args: A) => R | Promise<R>, ...args: A): Promise<R>;
  /** Clicks the middle of the one visible element with this data-testid, as a person would. */
  click(testId: string): Promise<void>;
  /** Clicks into the field, empties it and types. */
  fill(testId: string, text: string): Promise<void>;
  press(key: "Enter" | "Escape" | "Tab"): Promise<void>;
  resize(size: Size): Promise<void>;
  screenshot(): Promise<Buffer>;
  /** Closes the tab as a person does: the page sees `pagehide`. */
  close(): Promise<void>;
}

/**
 * Runs before the page's scripts, for limitCamera. A shared screen is kept as small as a large camera, and sound is
 * taken as it is: filtering a fake microphone costs as much as coding a small picture.
 */
export function limitGetUserMedia(video: typeof SMALL_CAMERA): void {
  const share = navigator.mediaDevices.getDisplayMedia?.bind(navigator.mediaDevices);
  navigator.mediaDevices.getDisplayMedia = (asked = {}) =>
    share({ ...asked, video: { width: 640, height: 360, frameRate: 5 } });
  const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (asked = {}) => {
    if (asked.audio) return open({ audio: { ...(asked.audio === true ? {} : asked.audio), ...raw } });
    if (!asked.video) return open(asked);
    const chosen = asked.video === true ? undefined : asked.video.deviceId;
    return open({ ...asked, video: chosen === undefined ? video : { ...video, deviceId: chosen } });
  };
}

/** Source of an expression that gives a promise of the JSON of `run(...args)`. */
export function expressionOf(run: (...args: never[]) => unknown, args: readonly unknown[]): string {
  const list = args.map((arg) => JSON.stringify(arg) ?? "undefined").join(", ");
  return `(async () => JSON.stringify(await (${run.toString()})(${list})) ?? "null")()`;
}
