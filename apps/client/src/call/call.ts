// Builds one call out of its parts and joins them: media follows the devices, the state follows
// both, and the browser's own events (page hidden, network back) reach the right place.
import type { Api } from "~/api/client";
import { CallMedia } from "~/media/callMedia";
import { LocalMedia } from "~/media/localMedia";
import { readPlatform } from "~/media/mediaProblem";
import { createSignalling, createSocket, type Signalling } from "~/signalling/signalling";
import { type CallStore, createCallStore } from "./callStore";
import { createEffects, shownNow } from "./effects";
import { toCallEvent } from "./serverEvents";
import { createReactions, createToasts, type Reactions, type Toasts } from "./toasts";

export interface Call {
  readonly store: CallStore;
  readonly local: LocalMedia;
  readonly media: CallMedia;
  readonly toasts: Toasts;
  readonly reactions: Reactions;
  /** Starts listening to the browser. The returned function ends the call and lets go of all. */
  start(): () => void;
}

export function createCall(api: Api): Call {
  const toasts = createToasts();
  const reactions = createReactions();
  const local = new LocalMedia({
    devices: navigator.mediaDevices as MediaDevices | undefined,
    storage: window.localStorage,
    secure: window.isSecureContext,
  });
  const signalling: Signalling = createSignalling({
    createSocket,
    refresh: api.refresh,
    onConnection: (event) => {
      if (event.type === "unauthorized") {
        store.dispatch({ type: "joinRefused", code: "UNAUTHORIZED" });
      } else store.dispatch(event);
    },
    onEvent: (event) => {
      media.receive(event);
      const change = toCallEvent(event, shownNow(local));
      if (change !== null) store.dispatch(change);
    },
  });
  const media = new CallMedia({
    send: (event, payload) => signalling.emit(event, payload),
    request: (event, payload, schema) => signalling.request(event, payload, schema),
    createConnection: (configuration) => new RTCPeerConnection(configuration),
    createDevice: async () => (await import("~/media/sfu/device")).createDevice(),
    shown: (peerId) => {
      const state = store.getState();
      return (state.phase === "live" && state.peers.get(peerId)?.state) || null;
    },
  });
  const store = createCallStore(createEffects({ signalling, media, local, toasts, reactions }));
  const parts = { store, local, media, toasts, reactions };
  return { ...parts, start: () => start(parts, signalling) };
}

function start(parts: Omit<Call, "start">, signalling: Signalling): () => void {
  const { store, local, media, toasts } = parts;
  const undo: Array<() => void> = [
    local.subscribe(() => followDevices(parts)),
    local.onNotice((notice) => toasts.show(notice)),
  ];
  const listen = (name: string, handler: () => void) => {
    window.addEventListener(name, handler);
    undo.push(() => window.removeEventListener(name, handler));
  };
  listen("online", () => signalling.retryNow());
  listen("pagehide", () => {
    signalling.emit("leave:room", undefined);
    signalling.close();
  });
  if (readPlatform(navigator.userAgent).browser === "firefox") {
    listen("beforeunload", () => leaveEarly(store, signalling));
  }
  // A page that comes back out of the browser's cache has no call any more: it starts anew.
  listen("pageshow", () => {
    if (store.getState().phase === "live") store.dispatch({ type: "leaveRequested" });
  });
  void local.start();
  return () => {
    store.dispatch({ type: "leaveRequested" });
    signalling.close();
    local.stop();
    media.leave();
    for (const each of undo) each();
  };
}

const STAYED_MS = 3_000;

/**
 * Firefox closes WebSockets before `pagehide`, so goodbye is said one event earlier. Whoever is
 * still here a little later (the new page was stopped before it came) goes back in.
 */
function leaveEarly(store: CallStore, signalling: Signalling): void {
  if (store.getState().phase !== "live") return;
  signalling.emit("leave:room", undefined);
  setTimeout(() => store.dispatch({ type: "connected", recovered: false }), STAYED_MS);
}

/** Tracks go to the others, and what is shown goes to the state when it changed. */
function followDevices({ store, local, media }: Omit<Call, "start">): void {
  const { mic, camera, screen } = local.get();
  media.set("mic", mic.track, mic.on);
  media.set("camera", camera.track, camera.on);
  media.set("screen", screen.track, screen.on);
  media.set("screen-audio", screen.audio, screen.on);
  const state = store.getState();
  if (state.phase !== "live") return;
  const shown = shownNow(local);
  const { self } = state;
  const changed =
    shown.audio !== self.audio || shown.video !== self.video || shown.screen !== self.screen;
  if (changed) store.dispatch({ type: "shownChanged", shown });
}
