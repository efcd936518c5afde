// Joins the pure reducer to the world. The only mutable variable of a call is here.
import { type CallEffect, type CallEvent, type CallState, initialCall, reduce } from "./callState";

export type Dispatch = (event: CallEvent) => void;
/** Carries one effect out in the real world; answers come back through `dispatch`. */
export type RunEffect = (effect: CallEffect, dispatch: Dispatch) => void;

export interface CallStore {
  getState(): CallState;
  subscribe(onChange: () => void): () => void;
  dispatch: Dispatch;
}

export function createCallStore(runEffect: RunEffect): CallStore {
  let state = initialCall;
  const listeners = new Set<() => void>();

  const dispatch: Dispatch = (event) => {
    const step = reduce(state, event);
    if (step.state !== state) {
      state = step.state;
      for (const listener of [...listeners]) listener();
    }
    for (const effect of step.effects) runEffect(effect, dispatch);
  };

  return {
    dispatch,
    getState: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
