import { useQuery } from "@tanstack/react-query";
import { ChevronRight, Users } from "lucide-react";
import { Link } from "react-router";
import { describeApiError } from "~/api/errors";
import type { Room } from "~/api/schemas";
import { useApi } from "~/features/call";
import { Button } from "~/ui/Button";
import { ErrorNotice } from "~/ui/Notice";
import { Spinner } from "~/ui/Spinner";

const SHOWN_MAX = 6;

export function RecentRooms() {
  const api = useApi();
  const rooms = useQuery({ queryKey: ["rooms"], queryFn: () => api.rooms(), staleTime: 0 });
  return (
    <section className="rounded-2xl border border-line/60 bg-surface p-2 shadow-sm">
      <h2 className="px-4 pt-4 pb-3 text-base font-medium">Recent meetings</h2>
      {rooms.isPending && (
        <p className="flex justify-center py-10">
          <Spinner />
          <span className="sr-only">Loading</span>
        </p>
      )}
      {rooms.isError && (
        <div className="flex flex-col gap-3 p-4">
          <ErrorNotice>{describeApiError(rooms.error)}</ErrorNotice>
          <Button look="outline" onClick={() => rooms.refetch()}>
            Try again
          </Button>
        </div>
      )}
      {rooms.data?.length === 0 && (
        <p className="px-4 pt-2 pb-8 text-sm text-ink-soft">
          Nothing yet. The meetings you start or visit appear here.
        </p>
      )}
      <ul>
        {rooms.data?.slice(0, SHOWN_MAX).map((room) => (
          <li key={room.id}>
            <RoomRow room={room} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function RoomRow({ room }: { readonly room: Room }) {
  return (
    <Link
      to={`/room/${room.slug}`}
      className="flex min-h-16 items-center gap-4 rounded-xl px-4 py-2 hover:bg-control-hover/40"
    >
      <span className="min-w-0 flex-1">
        <span dir="auto" className="block truncate font-medium">
          {room.name}
        </span>
        <span className="block truncate text-sm text-ink-soft">{room.slug}</span>
      </span>
      {room.peerCount > 0 && (
        <span className="flex items-center gap-1.5 text-sm text-good">
          <Users aria-hidden className="size-4" />
          {room.peerCount} in
        </span>
      )}
      <ChevronRight aria-hidden className="size-5 text-ink-soft" />
    </Link>
  );
}
