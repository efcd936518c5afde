import { Hand, Mic, MicOff, MonitorUp, Video, VideoOff, X } from "lucide-react";
import { memo, type ReactNode, useState } from "react";
import { type HostRole, hostRole } from "~/call/host";
import { useAuth } from "~/features/auth";
import { useLive } from "~/features/call";
import type { PeerState } from "~/signalling/events";
import { Avatar } from "~/ui/Avatar";
import { RoundButton } from "~/ui/RoundButton";
import { fieldClass } from "~/ui/TextField";
import { findPeople, type Person } from "./findPeople";
import { PeerMenu } from "./PeerMenu";
import { WaitingList } from "./WaitingList";

const SEARCH_FROM = 8;

/** Who is here: raised hands in order, then everyone, oneself first. */
export function PeoplePanel({ onClose }: { readonly onClose: () => void }) {
  const { user } = useAuth();
  const selfId = useLive((call) => call.selfId);
  const guestName = useLive((call) => call.entry.guestName);
  const selfState = useLive((call) => call.self);
  const peers = useLive((call) => call.peers);
  const raised = useLive((call) => call.hands);
  const role = useLive(hostRole);
  const [query, setQuery] = useState("");
  const self: Person = {
    peerId: selfId,
    userId: user?.id ?? selfId,
    name: user?.username ?? guestName ?? "You",
    self: true,
    host: role !== null,
    guest: user === null,
    state: selfState,
  };
  const others: Person[] = [...peers.values()].map(({ peerId, userInfo, state }) => ({
    peerId,
    userId: userInfo.id,
    name: userInfo.username,
    self: false,
    host: userInfo.host,
    guest: userInfo.guest,
    state,
  }));
  const everyone = [self, ...others];
  const found = findPeople(everyone, query);
  const hands = raised.flatMap((id) => everyone.find((one) => one.peerId === id) ?? []);
  return (
    <>
      <div className="flex items-center justify-between py-2 pr-2 pl-5">
        <h2 className="text-lg font-medium">People</h2>
        <RoundButton label="Close people" look="ghost" onClick={onClose}>
          <X />
        </RoundButton>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-3 pb-4">
        {everyone.length > SEARCH_FROM && (
          <input
            type="search"
            aria-label="Find people"
            placeholder="Find people"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            className={`${fieldClass} mb-3`}
          />
        )}
        <WaitingList />
        {hands.length > 0 && (
          <Section title={`Raised hands (${hands.length})`}>
            {hands.map((person, i) => (
              <li key={person.peerId} className="flex min-h-12 items-center gap-3 px-2">
                <span className="flex size-7 items-center justify-center rounded-full bg-amber text-xs font-semibold text-[#202124]">
                  {i + 1}
                </span>
                <span className="truncate">{person.name}</span>
                <Hand aria-hidden className="ml-auto size-5 shrink-0 text-ink-soft" />
              </li>
            ))}
          </Section>
        )}
        <Section title={`In the call (${everyone.length})`}>
          {found.map((person) => (
            <PersonRow key={person.peerId} {...person} role={role} />
          ))}
        </Section>
      </div>
    </>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="mb-4">
      <h3 className="px-2 py-2 text-xs font-medium text-ink-soft">{title}</h3>
      <ul>{children}</ul>
    </section>
  );
}

/** No prop of it is made anew, so that one person's change renders one row. */
const PersonRow = memo(function PersonRow({
  role,
  ...person
}: Person & { readonly role: HostRole }) {
  const title = person.host ? "Host" : person.guest ? "Guest" : null;
  return (
    <li
      data-testid="participant"
      data-peer-id={person.peerId}
      className="flex min-h-14 items-center gap-3 rounded-lg px-2 hover:bg-control-hover/30"
    >
      <Avatar name={person.name} seed={person.userId} className="size-9 text-sm" />
      <span className="min-w-0 flex-1">
        <span className="block truncate">
          <bdi>{person.name}</bdi>
          {person.self && " (you)"}
        </span>
        {title !== null && <span className="block text-xs text-ink-soft">{title}</span>}
      </span>
      <States state={person.state} />
      {role !== null &&
        (person.self ? (
          <span className="w-11 shrink-0 md:w-12" />
        ) : (
          <PeerMenu person={person} role={role} />
        ))}
    </li>
  );
});

function States({ state }: { readonly state: PeerState }) {
  return (
    <span className="flex shrink-0 items-center gap-2 text-ink-soft [&_svg]:size-5">
      {state.screen && <MonitorUp aria-label="Presenting" className="text-link" />}
      {state.video ? <Video aria-label="Camera on" /> : <VideoOff aria-label="Camera off" />}
      {state.audio ? <Mic aria-label="Microphone on" /> : <MicOff aria-label="Microphone off" />}
    </span>
  );
}
