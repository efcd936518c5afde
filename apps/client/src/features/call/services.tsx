import { createContext, use } from "react";
import { type Api, createApi, type LoginMemory } from "~/api/client";

export const ApiContext = createContext<Api | null>(null);

const KEY = "webrtc-chat.signedIn";

const memory: LoginMemory = {
  signedIn: () => {
    try {
      return localStorage.getItem(KEY) !== null;
    } catch {
      return true; // without storage it is worth asking
    }
  },
  remember: (signedIn) => {
    try {
      if (signedIn) localStorage.setItem(KEY, "yes");
      else localStorage.removeItem(KEY);
    } catch {
      // Nothing to keep it in.
    }
  },
};

export function createBrowserApi(): Api {
  return createApi((url, init) => fetch(url, init), memory);
}

export function useApi(): Api {
  const api = use(ApiContext);
  if (api === null) throw new Error("no <ApiContext> above this component");
  return api;
}
