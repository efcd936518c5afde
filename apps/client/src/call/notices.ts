// What the page tells in passing (toasts): a closed union, its texts, and the rules of the list.

export type Notice =
  | { readonly type: "joined"; readonly names: readonly string[] }
  | { readonly type: "left"; readonly name: string }
  | { readonly type: "handRaised"; readonly name: string }
  | { readonly type: "message"; readonly name: string; readonly content: string }
  | { readonly type: "mutedByHost"; readonly kind: "audio" | "video" | "screen" }
  | { readonly type: "talkingWhileMuted" }
  | { readonly type: "unplugged"; readonly kind: "mic" | "camera" }
  | { readonly type: "switched"; readonly label: string }
  | { readonly type: "screenFailed"; readonly text: string }
  | { readonly type: "linkCopied" }
  | { readonly type: "copyFailed" }
  | { readonly type: "youAreHost" }
  | { readonly type: "hostRequestFailed" }
  | { readonly type: "tooQuick" }
  | { readonly type: "chatFull" }
  | { readonly type: "backOnline" };

export type Toast = { readonly id: number; readonly notice: Notice };

const TOASTS_MAX = 3;

/** Joins that follow each other become one toast; more than three push the oldest out. */
export function pushToast(toasts: readonly Toast[], id: number, notice: Notice): readonly Toast[] {
  const last = toasts.at(-1);
  if (notice.type === "joined" && last?.notice.type === "joined") {
    const names = [...last.notice.names, ...notice.names];
    return [...toasts.slice(0, -1), { id, notice: { type: "joined", names } }];
  }
  const others = toasts.filter((toast) => toast.notice.type !== notice.type || !only(notice));
  return [...others, { id, notice }].slice(-TOASTS_MAX);
}

/** Of these one at a time is enough: the newest takes the place of the older. */
function only(notice: Notice): boolean {
  return notice.type !== "left" && notice.type !== "message" && notice.type !== "handRaised";
}

export function noticeText(notice: Notice): string {
  switch (notice.type) {
    case "joined":
      return joinedText(notice.names);
    case "left":
      return `${notice.name} left`;
    case "handRaised":
      return `${notice.name} raised a hand`;
    case "message":
      return `${notice.name}: ${notice.content}`;
    case "mutedByHost":
      return mutedTexts[notice.kind];
    case "talkingWhileMuted":
      return "Your microphone is off. Ctrl + D turns it on.";
    case "unplugged":
      return notice.kind === "mic"
        ? "Your microphone was disconnected."
        : "Your camera was disconnected.";
    case "switched":
      return `Now using ${notice.label}`;
    case "screenFailed":
      return notice.text;
    case "linkCopied":
      return "Link copied";
    case "copyFailed":
      return "The browser did not allow copying. Select the link and copy it yourself.";
    case "youAreHost":
      return "You are the host now";
    case "hostRequestFailed":
      return "That did not work. You may not be the host any more.";
    case "tooQuick":
      return "That was too quick. Wait a moment.";
    case "chatFull":
      return "The chat takes no more at the moment. Try again later.";
    case "backOnline":
      return "Back online";
  }
}

const mutedTexts = {
  audio: "The host turned off your microphone.",
  video: "The host turned off your camera.",
  screen: "The host stopped your presentation.",
} as const;

function joinedText(names: readonly string[]): string {
  const others = names.length - 1;
  if (others <= 0) return `${names[0] ?? "Someone"} joined`;
  return `${names[0]} and ${others === 1 ? "1 other" : `${others} others`} joined`;
}

/** Milliseconds a toast stays; one with a button stays longer. */
export function noticeDurationMs(notice: Notice): number {
  switch (notice.type) {
    case "message":
    case "handRaised":
      return 7_000;
    case "backOnline":
      return 2_000;
    case "linkCopied":
    case "talkingWhileMuted":
    case "tooQuick":
      return 3_000;
    default:
      return 5_000;
  }
}
