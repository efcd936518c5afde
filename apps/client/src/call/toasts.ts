// The toasts that are on screen now, and the reactions in the air: both go by themselves.
import { createCell, type Observable } from "~/media/observable";
import { type Notice, noticeDurationMs, pushToast, type Toast } from "./notices";

export interface Toasts extends Observable<readonly Toast[]> {
  show(notice: Notice): void;
  dismiss(id: number): void;
  /** While a person points at or tabs into the list nothing disappears. */
  pause(paused: boolean): void;
}

export function createToasts(): Toasts {
  const cell = createCell<readonly Toast[]>([]);
  let nextId = 1;
  let paused = false;
  const due = new Set<number>();

  const remove = (gone: (toast: Toast) => boolean) =>
    cell.set(cell.get().filter((toast) => !gone(toast)));

  return {
    get: cell.get,
    subscribe: cell.subscribe,
    show: (notice) => {
      const id = nextId++;
      cell.set(pushToast(cell.get(), id, notice));
      setTimeout(() => {
        if (paused) due.add(id);
        else remove((toast) => toast.id === id);
      }, noticeDurationMs(notice));
    },
    dismiss: (id) => remove((toast) => toast.id === id),
    pause: (next) => {
      paused = next;
      if (paused) return;
      remove((toast) => due.has(toast.id));
      due.clear();
    },
  };
}

export type Flying = { readonly id: number; readonly peerId: string; readonly emoji: string };

export interface Reactions extends Observable<readonly Flying[]> {
  show(peerId: string, emoji: string): void;
}

export const reactionEmojis = ["👍", "👎", "👏", "❤️", "😂", "😮", "🎉", "🙏"] as const;
const FLIGHT_MS = 3_000;
const FLYING_MAX = 30;

export function createReactions(): Reactions {
  const cell = createCell<readonly Flying[]>([]);
  let nextId = 1;
  return {
    get: cell.get,
    subscribe: cell.subscribe,
    show: (peerId, emoji) => {
      const id = nextId++;
      cell.set([...cell.get(), { id, peerId, emoji }].slice(-FLYING_MAX));
      setTimeout(() => cell.set(cell.get().filter((one) => one.id !== id)), FLIGHT_MS);
    },
  };
}
