import { useMutation } from "@tanstack/react-query";
import type { RoomSettings } from "~/api/client";
import { describeApiError } from "~/api/errors";
import { useApi, useCallDispatch, useLive } from "~/features/call";
import { ErrorNotice } from "~/ui/Notice";

/** Who may come in, and how the call goes: for the host, at once and for everyone. */
export function MeetingSettings() {
  const api = useApi();
  const room = useLive((call) => call.room);
  const mode = useLive((call) => call.mode);
  const dispatch = useCallDispatch();
  const save = useMutation({
    mutationFn: (change: RoomSettings) => api.updateRoom(room.slug, change),
    onSuccess: (changed) => dispatch({ type: "roomUpdated", room: changed }),
  });
  const { isPending } = save;
  return (
    <div className="flex flex-col gap-2">
      {save.isError && <ErrorNotice>{describeApiError(save.error)}</ErrorNotice>}
      <Switch
        label="Ask before coming in"
        note="Everyone else waits in the lobby until you admit them."
        checked={room.lobby}
        disabled={isPending}
        onChange={(lobby) => save.mutate({ lobby })}
      />
      <Switch
        label="Lock the meeting"
        note="Nobody new comes in."
        checked={room.locked}
        disabled={isPending}
        onChange={(locked) => save.mutate({ locked })}
      />
      <Switch
        label="Guests may join"
        note="People without an account give a name."
        checked={room.guests}
        disabled={isPending}
        onChange={(guests) => save.mutate({ guests })}
      />
      <Switch
        label="Call through the server"
        note="Even with two people: neither learns the other's network address."
        checked={mode === "sfu"}
        disabled={false}
        onChange={(through) => {
          const payload = { mode: through ? "sfu" : "p2p" } as const;
          dispatch({ type: "hostRequested", request: { event: "host:mode", payload } });
        }}
      />
    </div>
  );
}

type SwitchProps = {
  readonly label: string;
  readonly note: string;
  readonly checked: boolean;
  readonly disabled: boolean;
  readonly onChange: (checked: boolean) => void;
};

function Switch({ label, note, checked, disabled, onChange }: SwitchProps) {
  return (
    <label className="flex items-center gap-4 py-2 text-sm">
      <span className="flex-1">
        <span className="block font-medium">{label}</span>
        <span className="text-ink-soft">{note}</span>
      </span>
      <input
        type="checkbox"
        role="switch"
        aria-checked={checked}
        aria-label={label}
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        className="relative h-6 w-11 shrink-0 appearance-none rounded-full bg-line transition-colors before:absolute before:top-1 before:left-1 before:size-4 before:rounded-full before:bg-white before:transition-transform checked:bg-[#1a73e8] checked:before:translate-x-5 disabled:opacity-50"
      />
    </label>
  );
}
