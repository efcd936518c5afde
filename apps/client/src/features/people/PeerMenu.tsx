import { Crown, EllipsisVertical, MicOff, MonitorX, UserX, VideoOff } from "lucide-react";
import type { HostRole } from "~/call/host";
import { useCallDispatch } from "~/features/call";
import type { HostRequest } from "~/signalling/events";
import { Menu, MenuItem, MenuSeparator } from "~/ui/Menu";
import { RoundButton } from "~/ui/RoundButton";
import type { Person } from "./findPeople";

type Props = { readonly person: Person; readonly role: Exclude<HostRole, null> };

/** What a host may do with another one. Muting is all: nobody is ever unmuted from outside. */
export function PeerMenu({ person, role }: Props) {
  const dispatch = useCallDispatch();
  const { peerId, name, state, guest, host } = person;
  const ask = (request: HostRequest) => () => dispatch({ type: "hostRequested", request });
  return (
    <Menu
      align="end"
      side="bottom"
      trigger={
        <RoundButton data-testid="peer-menu" label={`More for ${name}`} look="ghost">
          <EllipsisVertical />
        </RoundButton>
      }
    >
      <MenuItem
        icon={<MicOff />}
        data-testid="mute-peer"
        onSelect={ask({ event: "host:mute", payload: { peerId, kind: "audio" } })}
      >
        Turn off microphone
      </MenuItem>
      {state.video && (
        <MenuItem
          icon={<VideoOff />}
          onSelect={ask({ event: "host:mute", payload: { peerId, kind: "video" } })}
        >
          Turn off camera
        </MenuItem>
      )}
      {state.screen && (
        <MenuItem
          icon={<MonitorX />}
          onSelect={ask({ event: "host:mute", payload: { peerId, kind: "screen" } })}
        >
          Stop the presentation
        </MenuItem>
      )}
      {role === "owner" && !guest && !host && (
        <MenuItem icon={<Crown />} onSelect={ask({ event: "host:transfer", payload: { peerId } })}>
          Make host
        </MenuItem>
      )}
      <MenuSeparator />
      <MenuItem
        icon={<UserX />}
        data-testid="remove-peer"
        className="text-danger-ink"
        onSelect={ask({ event: "host:remove", payload: { peerId } })}
      >
        Remove from the meeting
      </MenuItem>
    </Menu>
  );
}
