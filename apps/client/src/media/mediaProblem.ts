// What can go wrong with a camera, a microphone or a screen, as a closed union, and the way out
// for a person on this browser and this system.

export type MediaProblem =
  | "denied" // by the person or the browser's settings
  | "denied-by-system"
  | "missing"
  | "busy"
  | "unplugged"
  | "insecure"
  | "unsupported"
  | "unknown";

/** `both`: microphone and camera have the same problem. */
export type DeviceKind = "mic" | "camera" | "both" | "screen";

/** Reads what getUserMedia or getDisplayMedia was rejected with. */
export function problemFrom(error: unknown): MediaProblem {
  if (!(error instanceof Error || error instanceof DOMException)) return "unknown";
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return /system/i.test(error.message) ? "denied-by-system" : "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "unknown";
  }
}

export type Platform = {
  readonly browser: "chrome" | "firefox" | "safari" | "other";
  readonly system: "windows" | "macos" | "android" | "ios" | "other";
};

export function readPlatform(userAgent: string): Platform {
  return { browser: readBrowser(userAgent), system: readSystem(userAgent) };
}

function readBrowser(userAgent: string): Platform["browser"] {
  if (/firefox|fxios/i.test(userAgent)) return "firefox";
  if (/chrome|chromium|crios|edg/i.test(userAgent)) return "chrome";
  return /safari/i.test(userAgent) ? "safari" : "other";
}

function readSystem(userAgent: string): Platform["system"] {
  if (/android/i.test(userAgent)) return "android";
  if (/iphone|ipad/i.test(userAgent)) return "ios";
  if (/windows/i.test(userAgent)) return "windows";
  return /mac os/i.test(userAgent) ? "macos" : "other";
}

export type MediaHelp = { readonly title: string; readonly steps: readonly string[] };

const names = {
  mic: "microphone",
  camera: "camera",
  both: "microphone and camera",
  screen: "screen",
} as const;

/** The text of a problem and the steps that solve it. */
export function helpFor(problem: MediaProblem, kind: DeviceKind, platform: Platform): MediaHelp {
  const name = names[kind];
  const both = kind === "both";
  const [is, was, it] = both ? ["are", "were", "them"] : ["is", "was", "it"];
  switch (problem) {
    case "denied":
      return { title: `Your ${name} ${is} blocked`, steps: browserSteps(name, it, platform) };
    case "denied-by-system":
      return { title: `Your system blocks the ${name}`, steps: systemSteps(kind, platform.system) };
    case "missing":
      return {
        title: both ? "No microphone and no camera found" : `No ${name} found`,
        steps: [both ? "Connect them; they are picked up by themselves." : pickedUp(name)],
      };
    case "busy":
      return {
        title: `Your ${name} ${is} in use`,
        steps: [`Close other programs and tabs that may use ${it}.`, `Then turn ${it} on again.`],
      };
    case "unplugged":
      return {
        title: `Your ${name} ${was} disconnected`,
        steps: [`Connect ${it} again or choose another one in the settings.`],
      };
    case "insecure":
      return {
        title: "This page is not secure",
        steps: [`Browsers give the ${name} to secure pages only. Open the address with https://.`],
      };
    case "unsupported":
      return {
        title: `This browser cannot share your ${name}`,
        steps: ["Use a recent Chrome, Edge, Firefox or Safari."],
      };
    case "unknown":
      return {
        title: `Your ${name} did not start`,
        steps: ["Choose another one in the settings, or reload the page."],
      };
  }
}

const pickedUp = (name: string) => `Connect a ${name}; it is picked up by itself.`;

function browserSteps(name: string, it: string, { browser }: Platform): readonly string[] {
  switch (browser) {
    case "chrome":
      return [
        "Click the site controls at the left of the address bar.",
        `Switch the ${name} on.`,
        `Then turn ${it} on here.`,
      ];
    case "firefox":
      return [
        "Click the crossed sign at the left of the address bar.",
        `Remove the block beside the ${name}.`,
        `Then turn ${it} on here.`,
      ];
    case "safari":
      return [
        "Open Settings for this website in the Safari menu.",
        `Set the ${name} to Allow.`,
        `Then turn ${it} on here.`,
      ];
    case "other":
      return [
        `Allow the ${name} for this site in the browser's settings.`,
        "Then reload the page.",
      ];
  }
}

function systemSteps(kind: DeviceKind, system: Platform["system"]): readonly string[] {
  const page = {
    mic: "Microphone",
    camera: "Camera",
    both: "Microphone and Camera",
    screen: "Screen recording",
  }[kind];
  switch (system) {
    case "windows":
      return [`Open Settings, Privacy & security, ${page}.`, "Let desktop apps use it."];
    case "macos":
      return [`Open System Settings, Privacy & Security, ${page}.`, "Switch your browser on."];
    case "android":
      return ["Open Settings, Apps, your browser, Permissions.", `Allow ${page}.`];
    case "ios":
      return ["Open Settings and find your browser.", `Switch ${page} on.`];
    case "other":
      return [`Allow your browser to use the ${page.toLowerCase()} in the system's settings.`];
  }
}
