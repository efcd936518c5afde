import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, Copy, Link as LinkIcon, Video } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { describeApiError } from "~/api/errors";
import type { Room } from "~/api/schemas";
import type { Auth } from "~/features/auth";
import { useApi } from "~/features/call";
import { Button } from "~/ui/Button";
import { ErrorNotice } from "~/ui/Notice";
import { fieldClass } from "~/ui/TextField";
import { roomLink } from "./roomCode";

const DEFAULT_NAME = "My meeting";
const NAME_MAX = 80;

/** Starts a meeting at once, or makes its link for later. */
export function NewMeeting({ auth }: { readonly auth: Auth }) {
  const signedIn = auth.user !== null;
  const api = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: () => api.createRoom(name.trim() || DEFAULT_NAME),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["rooms"] }),
  });
  const later = useMutation({
    mutationFn: () => api.createRoom(name.trim() || DEFAULT_NAME),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["rooms"] }),
  });
  const error = create.error ?? later.error;

  async function start(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!signedIn) return void navigate("/login?next=/");
    create.mutate(undefined, { onSuccess: (room) => navigate(`/room/${room.slug}`) });
  }

  return (
    <div className="flex flex-col gap-3">
      <form onSubmit={start} className="flex flex-col gap-3 sm:flex-row">
        <input
          aria-label="Name of the new meeting"
          placeholder="Name of the meeting"
          data-testid="room-name"
          maxLength={NAME_MAX}
          value={name}
          onChange={(event) => setName(event.target.value)}
          className={fieldClass}
        />
        <Button
          type="submit"
          data-testid="create-room"
          busy={create.isPending}
          disabled={auth.loading}
          className="h-12 shrink-0"
        >
          {!create.isPending && <Video className="size-5" />}
          New meeting
        </Button>
      </form>
      {signedIn ? (
        <Button
          look="ghost"
          compact
          className="-ml-4 self-start text-link"
          busy={later.isPending}
          onClick={() => later.mutate()}
        >
          <LinkIcon className="size-4" />
          Create a link for later
        </Button>
      ) : (
        <p className="text-sm text-ink-soft">
          You need an account to start a meeting, and none to join one.
        </p>
      )}
      {error !== null && <ErrorNotice>{describeApiError(error)}</ErrorNotice>}
      {later.data !== undefined && <LinkForLater room={later.data} />}
    </div>
  );
}

function LinkForLater({ room }: { readonly room: Room }) {
  const [copied, setCopied] = useState(false);
  const link = roomLink(window.location.origin, room.slug);
  const copy = () =>
    navigator.clipboard.writeText(link).then(
      () => setCopied(true),
      () => {},
    );
  return (
    <div className="flex items-center gap-2 rounded-lg bg-raised py-1 pr-1 pl-4" role="status">
      <span className="min-w-0 flex-1 truncate text-sm select-all">{link}</span>
      <Button look="ghost" className="px-4" onClick={copy}>
        {copied ? <Check className="size-4" /> : <Copy className="size-4" />}
        {copied ? "Copied" : "Copy"}
      </Button>
    </div>
  );
}
