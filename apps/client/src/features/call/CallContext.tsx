import { createContext, use, useSyncExternalStore } from "react";
import type { Call } from "~/call/call";
import type { CallState, Live } from "~/call/callState";
import type { Dispatch } from "~/call/callStore";
import type { Toast } from "~/call/notices";
import type { Flying } from "~/call/toasts";
import type { LocalState } from "~/media/localMedia";
import type { Observable } from "~/media/observable";
import type { Source } from "~/signalling/events";

/** What components may reach of a call; tests hand in their own. */
export type CallParts = Omit<Call, "start">;

export const CallContext = createContext<CallParts | null>(null);

export function useCallParts(): CallParts {
  const parts = use(CallContext);
  if (parts === null) throw new Error("no <CallContext> above this component");
  return parts;
}

/** Re-renders only when the selected value changes; `select` must not build new objects. */
export function useCall<T>(select: (state: CallState) => T): T {
  const { store } = useCallParts();
  return useSyncExternalStore(store.subscribe, () => select(store.getState()));
}

/** As useCall, inside the room. Components that use it are only shown in phase `live`. */
export function useLive<T>(select: (state: Live) => T): T {
  const { store } = useCallParts();
  return useSyncExternalStore(store.subscribe, () => select(expectLive(store.getState())));
}

let lastLive: Live | null = null;

/** While React takes the room off the screen, its parts may be asked once more after the end. */
function expectLive(state: CallState): Live {
  if (state.phase === "live") lastLive = state;
  if (lastLive === null) throw new Error(`not in a room but ${state.phase}`);
  return lastLive;
}

export function useCallDispatch(): Dispatch {
  return useCallParts().store.dispatch;
}

export function useObservable<T>(observable: Observable<T>): T {
  return useSyncExternalStore(observable.subscribe, observable.get);
}

export function useLocal<T>(select: (state: LocalState) => T): T {
  const { local } = useCallParts();
  return useSyncExternalStore(local.subscribe, () => select(local.get()));
}

export function useRemoteTrack(peerId: string, source: Source): MediaStreamTrack | null {
  const { remote } = useCallParts().media;
  return useSyncExternalStore(
    remote.subscribe,
    () => remote.get().get(peerId)?.tracks.get(source) ?? null,
  );
}

/** Of the path to a peer: `failed` and `disconnected` mean that a new path is looked for. */
export function useLinkState(peerId: string): RTCPeerConnectionState {
  const { remote } = useCallParts().media;
  return useSyncExternalStore(remote.subscribe, () => remote.get().get(peerId)?.state ?? "new");
}

export function useToasts(): readonly Toast[] {
  return useObservable(useCallParts().toasts);
}

export function useReactions(): readonly Flying[] {
  return useObservable(useCallParts().reactions);
}

/** The newest one of a peer; null when none of theirs is in the air. */
export function useReactionOf(peerId: string): Flying | null {
  const { reactions } = useCallParts();
  return useSyncExternalStore(
    reactions.subscribe,
    () => reactions.get().findLast((one) => one.peerId === peerId) ?? null,
  );
}
