import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { Link } from "react-router";
import { ApiError } from "~/api/errors";
import type { Room } from "~/api/schemas";
import { SiteHeader, useAuth } from "~/features/auth";
import { useApi, useCall, useCallDispatch, useCallParts } from "~/features/call";
import { DeviceFields } from "~/features/settings";
import { Button } from "~/ui/Button";
import { cx } from "~/ui/cx";
import { Page } from "~/ui/Page";
import { Spinner } from "~/ui/Spinner";
import { TextField } from "~/ui/TextField";
import { ConnectionState } from "./ConnectionBanner";
import { loadGuestName, NAME_MAX, saveGuestName } from "./guestName";
import { JoiningState } from "./JoiningState";
import { Preview } from "./Preview";
import { RoomProblem } from "./RoomProblem";

const COUNT_EVERY_MS = 10_000;
/** On a phone the way in comes before the devices; where there is room it is beside all of that. */
const wayInPlace =
  "self-center min-[960px]:col-start-2 min-[960px]:row-span-2 min-[960px]:row-start-1";

/** The green room: look at yourself, choose devices, then go in. */
export function PreJoin({ code }: { readonly code: string }) {
  const api = useApi();
  const { user, loading } = useAuth();
  const [guestName, setGuestName] = useState(loadGuestName);
  const room = useQuery({
    queryKey: ["room", code],
    queryFn: () => api.room(code),
    refetchInterval: (query) => (query.state.error === null ? COUNT_EVERY_MS : false),
    staleTime: 0,
  });
  useSfuAhead(room.data?.peerCount ?? null);
  useSocketAhead(room.data === undefined ? null : (user?.id ?? null));
  if (room.isError && room.data === undefined) {
    return <RoomProblem failure={failureOf(room.error)} onRetry={() => void room.refetch()} />;
  }
  const name = user?.username ?? (guestName.trim() || "You");
  return (
    <Page header={<SiteHeader />}>
      <div className="grid w-full max-w-6xl gap-8 min-[960px]:grid-cols-[minmax(0,3fr)_minmax(0,2fr)] min-[960px]:gap-x-16 min-[960px]:gap-y-4">
        <Preview name={name} seed={user?.id ?? name} />
        {room.data === undefined || loading ? (
          <p className={cx("flex justify-center py-12", wayInPlace)}>
            <Spinner className="size-8" />
            <span className="sr-only">Loading</span>
          </p>
        ) : (
          <JoinForm
            room={room.data}
            userId={user?.id ?? null}
            guestName={guestName}
            onGuestName={setGuestName}
          />
        )}
        <DeviceFields />
      </div>
    </Page>
  );
}

/** Where this person's call will go through the SFU, its part of the page is loaded at the door. */
function useSfuAhead(peerCount: number | null): void {
  const api = useApi();
  const { media } = useCallParts();
  const most = useQuery({
    queryKey: ["p2pMaxPeers"],
    queryFn: api.p2pMaxPeers,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const isAhead = peerCount !== null && most.data !== undefined && peerCount + 1 > most.data;
  useEffect(() => {
    if (isAhead) media.prepareSfu();
  }, [isAhead, media]);
}

/** Whoever is logged in is connected at the door already. A guest says a name first. */
function useSocketAhead(userId: string | null): void {
  const dispatch = useCallDispatch();
  useEffect(() => {
    if (userId !== null) dispatch({ type: "doorReached" });
  }, [userId, dispatch]);
}

type JoinFormProps = {
  readonly room: Room;
  /** Null for a guest. */
  readonly userId: string | null;
  readonly guestName: string;
  readonly onGuestName: (name: string) => void;
};

function JoinForm({ room, userId, guestName, onGuestName }: JoinFormProps) {
  const dispatch = useCallDispatch();
  const connection = useCall((call) => (call.phase === "joining" ? call.connection : null));
  const waiting = useCall((call) => call.phase === "waiting");
  const signedIn = userId !== null;
  const mustSignIn = !signedIn && !room.guests;
  const mustAsk = room.lobby && userId !== room.hostId;

  function join(event: FormEvent): void {
    event.preventDefault();
    const name = guestName.trim();
    if (userId === null) saveGuestName(name);
    dispatch({
      type: "joinRequested",
      entry: { code: room.slug, guestName: userId === null ? name : null, userId },
    });
  }

  return (
    <form
      onSubmit={join}
      className={cx("flex flex-col items-center gap-6 text-center", wayInPlace)}
    >
      <div>
        <h1 dir="auto" className="text-3xl font-semibold tracking-tight break-words">
          {room.name}
        </h1>
        <p className="mt-2 text-ink-soft">{countText(room.peerCount)}</p>
      </div>
      {waiting ? (
        <Waiting />
      ) : mustSignIn ? (
        <p className="text-ink-soft">
          This meeting is for people with an account.{" "}
          <Link className="font-medium text-link underline" to={`/login?next=/room/${room.slug}`}>
            Sign in
          </Link>{" "}
          to join.
        </p>
      ) : (
        <>
          {!signedIn && (
            <TextField
              label="Your name"
              data-testid="guest-name"
              autoComplete="name"
              maxLength={NAME_MAX}
              value={guestName}
              onChange={(event) => onGuestName(event.target.value)}
              className="w-full max-w-72 text-left"
            />
          )}
          <Button
            type="submit"
            data-testid="join-call"
            busy={connection !== null}
            disabled={!signedIn && guestName.trim() === ""}
            className="h-14 min-w-44 px-8 text-base"
          >
            {connection !== null ? "Joining…" : mustAsk ? "Ask to join" : "Join now"}
          </Button>
          {connection !== null && <JoiningState connection={connection} />}
          {!signedIn && (
            <p className="text-sm text-ink-soft">
              Have an account?{" "}
              <Link
                className="font-medium text-link underline"
                to={`/login?next=/room/${room.slug}`}
              >
                Sign in
              </Link>
            </p>
          )}
        </>
      )}
    </form>
  );
}

/** In the lobby: the preview stays, and somebody inside decides. */
function Waiting() {
  const dispatch = useCallDispatch();
  return (
    <div data-testid="lobby-waiting" role="status" className="flex flex-col items-center gap-4">
      <Spinner className="size-8" />
      <p className="text-lg font-medium">Asking to be let in…</p>
      <p className="text-sm text-ink-soft">You go in as soon as the host lets you.</p>
      <ConnectionState />
      <Button look="outline" onClick={() => dispatch({ type: "leaveRequested" })}>
        Cancel
      </Button>
    </div>
  );
}

function countText(count: number): string {
  if (count === 0) return "No one else is here";
  return count === 1 ? "1 person is in this meeting" : `${count} people are in this meeting`;
}

function failureOf(error: unknown): "ROOM_NOT_FOUND" | "NO_ANSWER" {
  const missing = ["ROOM_NOT_FOUND", "NOT_FOUND", "VALIDATION_ERROR"];
  return error instanceof ApiError && missing.includes(error.code) ? "ROOM_NOT_FOUND" : "NO_ANSWER";
}
