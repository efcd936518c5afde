// Carries effects out: the only place of a call that awaits. Answers come back as events.
import { z } from "zod";
import { messagePageSchema, messageSchema } from "~/api/schemas";
import type { CallMedia } from "~/media/callMedia";
import type { LocalMedia } from "~/media/localMedia";
import { type HostRequest, type Shown, sessionSchema, waitingSchema } from "~/signalling/events";
import { LOST_AFTER_MS, RECONNECTING_AFTER_MS } from "~/signalling/reconnect";
import { type RequestFailure, type Signalling, SignallingError } from "~/signalling/signalling";
import type { CallEffect } from "./callState";
import type { Dispatch, RunEffect } from "./callStore";
import type { Reactions, Toasts } from "./toasts";

export interface EffectPorts {
  readonly signalling: Signalling;
  readonly media: CallMedia;
  readonly local: LocalMedia;
  readonly toasts: Toasts;
  readonly reactions: Reactions;
}

const PAGE = 50;
const TYPING_FADES_MS = 6_000;
type Timer = ReturnType<typeof setTimeout>;

export function shownNow(local: LocalMedia): Shown {
  const { mic, camera, screen } = local.get();
  return { audio: mic.on, video: camera.on, screen: screen.on };
}

export function createEffects(ports: EffectPorts): RunEffect {
  const { signalling, media, local, toasts, reactions } = ports;
  let offlineTimers: Timer[] = [];
  const typingTimers = new Map<string, Timer>();

  function startOfflineTimers(dispatch: Dispatch): void {
    if (offlineTimers.length > 0) return;
    const after = (ms: number, long: boolean) =>
      setTimeout(() => dispatch({ type: "offlineFor", long }), ms);
    offlineTimers = [after(RECONNECTING_AFTER_MS, false), after(LOST_AFTER_MS, true)];
  }

  function stopOfflineTimers(): void {
    for (const timer of offlineTimers) clearTimeout(timer);
    offlineTimers = [];
  }

  function expireTyping(peerId: string, dispatch: Dispatch): void {
    clearTimeout(typingTimers.get(peerId));
    const timer = setTimeout(
      () => dispatch({ type: "typingReceived", peerId, typing: false }),
      TYPING_FADES_MS,
    );
    typingTimers.set(peerId, timer);
  }

  function runMedia(effect: CallEffect): void {
    if (effect.type === "enterMedia") {
      const { peerId: selfId, peers, ...room } = effect.session;
      media.enter({ ...room, selfId, peerIds: peers.map((peer) => peer.peerId) });
    }
    if (effect.type === "addPath") media.add(effect.peerId);
    if (effect.type === "removePath") media.remove(effect.peerId);
    if (effect.type === "moveMedia") media.moveTo(effect.mode);
    if (effect.type === "restartBrokenPaths") media.restartBroken();
    if (effect.type === "leaveMedia") media.leave();
    if (effect.type === "startMedia") void local.start();
    if (effect.type === "stopMedia") local.stop();
    if (effect.type === "muteLocal") void muteLocal(local, effect.kind);
  }

  return (effect, dispatch) => {
    switch (effect.type) {
      case "prepareSocket":
        return signalling.prepare();
      case "openSocket":
        return signalling.open(effect.guestName);
      case "closeSocket":
        return signalling.close();
      case "retrySocket":
        return signalling.retryNow();
      case "startOfflineTimers":
        return startOfflineTimers(dispatch);
      case "stopOfflineTimers":
        return stopOfflineTimers();
      case "sendJoin":
        return void join(ports, effect.code, dispatch);
      case "sendLeave":
        return signalling.emit("leave:room", undefined);
      case "sendState":
        return signalling.emit("peer:update", effect.state);
      case "sendHostRequest":
        return void sendHostRequest(ports, effect.request);
      case "sendReaction":
        return signalling.emit("peer:reaction", { emoji: effect.emoji });
      case "sendChat":
        return void sendChat(ports, effect, dispatch);
      case "sendTyping":
        return signalling.emit("chat:typing", { typing: effect.typing });
      case "loadOlder":
        return void loadOlder(signalling, effect.before, dispatch);
      case "expireTyping":
        return expireTyping(effect.peerId, dispatch);
      case "showReaction":
        return reactions.show(effect.peerId, effect.emoji);
      case "notify":
        return toasts.show(effect.notice);
      default:
        return runMedia(effect);
    }
  };
}

const joinAnswerSchema = z.union([waitingSchema, sessionSchema]);

async function join(ports: EffectPorts, roomCode: string, dispatch: Dispatch): Promise<void> {
  try {
    const answer = await ports.signalling.request("join:room", { roomCode }, joinAnswerSchema);
    if ("waiting" in answer) dispatch({ type: "waitingStarted", peerId: answer.peerId });
    else dispatch({ type: "joined", session: answer, shown: shownNow(ports.local) });
  } catch (error) {
    const code = failureOf(error);
    // Without a connection the next one asks again; the end of a login is told by signalling.
    if (code !== "OFFLINE" && code !== "UNAUTHORIZED") dispatch({ type: "joinRefused", code });
  }
}

async function sendHostRequest(
  { signalling, toasts }: EffectPorts,
  { event, payload }: HostRequest,
): Promise<void> {
  try {
    await signalling.request(event, payload, z.unknown());
  } catch (error) {
    // Whoever left meanwhile needs no answer any more.
    if (failureOf(error) !== "PEER_NOT_FOUND") toasts.show({ type: "hostRequestFailed" });
  }
}

const sentSchema = z.object({ message: messageSchema });

async function sendChat(
  { signalling, toasts }: EffectPorts,
  { content, clientId }: { content: string; clientId: string },
  dispatch: Dispatch,
): Promise<void> {
  try {
    const { message } = await signalling.request("chat:send", { content, clientId }, sentSchema);
    dispatch({ type: "chatReceived", message, clientId });
  } catch (error) {
    const code = failureOf(error);
    if (code === "OFFLINE") return; // sent again with the next connection
    if (code === "RATE_LIMITED") toasts.show({ type: "tooQuick" });
    if (code === "QUOTA_EXCEEDED") toasts.show({ type: "chatFull" });
    dispatch({ type: "chatFailed", clientId });
  }
}

async function loadOlder(signalling: Signalling, before: string, dispatch: Dispatch) {
  try {
    const asked = { before, limit: PAGE };
    const page = await signalling.request("chat:history", asked, messagePageSchema);
    dispatch({ type: "olderLoaded", page });
  } catch {
    dispatch({ type: "olderFailed" });
  }
}

function failureOf(error: unknown): RequestFailure {
  return error instanceof SignallingError ? error.code : "BAD_ANSWER";
}

async function muteLocal(local: LocalMedia, kind: "audio" | "video" | "screen"): Promise<void> {
  if (kind === "audio") await local.setMic(false);
  if (kind === "video") await local.setCamera(false);
  if (kind === "screen") await local.setScreen(false);
}
