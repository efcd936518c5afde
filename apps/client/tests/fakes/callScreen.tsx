// Puts components into a call without a server: real state, devices in memory, effects recorded.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { MemoryRouter, Route, Routes, useLocation } from "react-router";
import type { Api } from "~/api/client";
import { ApiError } from "~/api/errors";
import type { User } from "~/api/schemas";
import type { CallEffect, CallEvent } from "~/call/callState";
import { createCallStore } from "~/call/callStore";
import { createReactions, createToasts } from "~/call/toasts";
import { ApiContext, CallContext, type CallParts } from "~/features/call";
import { CallMedia } from "~/media/callMedia";
import { LocalMedia } from "~/media/localMedia";
import type { Peer } from "~/signalling/events";
import { SignallingError } from "~/signalling/signalling";
import { TooltipProvider } from "~/ui/Tooltip";
import { FakeDevices, fakeStorage } from "./media";
import { FakePeerConnection } from "./peerConnection";
import { room, session } from "./session";

export const ada: User = { id: "u1", email: "ada@example.com", username: "ada" };

const never = () => Promise.reject(new ApiError("INTERNAL_ERROR"));

export function fakeApi(answers: Partial<Api> = {}): Api {
  return {
    me: async () => null,
    register: never,
    login: never,
    logout: async () => {},
    refresh: async () => true,
    rooms: async () => [],
    room: async () => room,
    p2pMaxPeers: async () => 2,
    createRoom: never,
    updateRoom: never,
    ...answers,
  };
}

function Where() {
  return <output data-testid="where">{useLocation().pathname}</output>;
}

/** A component with the services around it, at a path. */
export function renderPage(ui: ReactNode, api: Api = fakeApi(), path = "/") {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const view = render(
    <ApiContext value={api}>
      <QueryClientProvider client={queries}>
        <TooltipProvider>
          <MemoryRouter initialEntries={[path]}>
            <Routes>
              <Route path="*" element={ui} />
            </Routes>
            <Where />
          </MemoryRouter>
        </TooltipProvider>
      </QueryClientProvider>
    </ApiContext>,
  );
  return { ...view, person: userEvent.setup() };
}

export type TestCall = CallParts & {
  readonly effects: CallEffect[];
  readonly devices: FakeDevices;
  dispatch(event: CallEvent): void;
};

/** Media without a network: peer connections that nobody answers, and no SFU. */
export function createTestMedia(): CallMedia {
  return new CallMedia({
    send: () => {},
    request: () => Promise.reject(new SignallingError("OFFLINE")),
    createConnection: () => new FakePeerConnection().connection,
    createDevice: () => Promise.reject(new Error("no SFU")),
    shown: () => null,
  });
}

export function createTestCall(): TestCall {
  const effects: CallEffect[] = [];
  const devices = new FakeDevices();
  devices.plug(["Desk mic", "audioinput"], ["Headset", "audioinput"], ["Webcam", "videoinput"]);
  const local = new LocalMedia({ devices: devices.port, storage: fakeStorage(), secure: true });
  const toasts = createToasts();
  const store = createCallStore((effect) => {
    effects.push(effect);
    if (effect.type === "notify") toasts.show(effect.notice);
  });
  const media = createTestMedia();
  const dispatch = (event: CallEvent) => act(() => store.dispatch(event));
  return { effects, devices, local, toasts, store, media, reactions: createReactions(), dispatch };
}

/** The component inside a live call with these others. */
export async function renderInCall(
  ui: ReactNode,
  peers: readonly Peer[] = [],
  api = fakeApi(),
  userId: string | null = null,
) {
  const call = createTestCall();
  const entry = { code: room.slug, guestName: userId === null ? "Bo" : null, userId };
  await call.local.start();
  call.store.dispatch({ type: "joinRequested", entry });
  call.store.dispatch({
    type: "joined",
    session: session(peers),
    shown: { audio: true, video: true, screen: false },
  });
  call.effects.length = 0;
  const view = renderPage(<CallContext value={call}>{ui}</CallContext>, api);
  return { ...view, call };
}
