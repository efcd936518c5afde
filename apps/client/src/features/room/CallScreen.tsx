import { memo, type ReactNode, useEffect, useRef, useState } from "react";
import { useCallDispatch, useLive, useLocal } from "~/features/call";
import { ChatPanel } from "~/features/chat";
import { PeoplePanel } from "~/features/people";
import { SettingsDialog, type SettingsTab } from "~/features/settings";
import { useMediaQuery, WIDE } from "~/ui/useMediaQuery";
import { ConnectionBanner, ConnectionState } from "./ConnectionBanner";
import { ControlBar } from "./ControlBar";
import { FlyingReactions } from "./FlyingReactions";
import { KnockCard } from "./KnockCard";
import { LeaveDialog } from "./LeaveButton";
import { MeetingLine } from "./MeetingLine";
import { RemoteAudio } from "./RemoteAudio";
import { Stage } from "./Stage";
import { StatsDialog } from "./StatsDialog";
import { TitleBadge } from "./TitleBadge";
import { ToastList } from "./ToastList";
import { usePushToTalk } from "./usePushToTalk";
import { useShortcuts } from "./useShortcuts";

/** Inside the meeting: stage, panel and bar. Each part follows what it shows; the whole does not. */
export const CallScreen = memo(function CallScreen() {
  const screen = useRef<HTMLDivElement>(null);
  const [settings, setSettings] = useState<SettingsTab | null>(null);
  const [reactionsOpen, setReactionsOpen] = useState(false);
  const wide = useMediaQuery(WIDE);
  const mode = useLive((call) => call.mode);
  const name = useLive((call) => call.room.name);
  const [leaving, setLeaving] = useState(false);
  const [statsOpen, setStatsOpen] = useState(false);
  useShortcuts({
    screen,
    openSettings: setSettings,
    openReactions: () => setReactionsOpen(true),
    askToLeave: () => setLeaving(true),
  });
  usePushToTalk();
  return (
    <div ref={screen} className="flex h-dvh flex-col overflow-hidden bg-stage">
      <header>
        <h1 className="sr-only">{name}</h1>
        <ConnectionState />
        <span data-testid="call-mode" className="sr-only">
          {mode}
        </span>
        <DeviceAnnouncer />
        <TitleBadge />
      </header>
      <ConnectionBanner />
      <RemoteAudio />
      {!wide && <MeetingLine />}
      <div className="relative flex min-h-0 flex-1">
        <Stage />
        <Panel />
        <FlyingReactions />
        <KnockCard />
        <ToastList />
      </div>
      <ControlBar
        wide={wide}
        reactionsOpen={reactionsOpen}
        onReactionsOpen={setReactionsOpen}
        onSettings={setSettings}
        onStatistics={() => setStatsOpen(true)}
      />
      <SettingsDialog tab={settings} onTab={setSettings} />
      <StatsDialog open={statsOpen} onClose={() => setStatsOpen(false)} />
      <LeaveDialog open={leaving} onClose={() => setLeaving(false)} />
    </div>
  );
});

/** Tells screen readers what a key or the host did to microphone and camera. */
function DeviceAnnouncer() {
  const mic = useLocal((local) => local.mic.on);
  const camera = useLocal((local) => local.camera.on);
  return (
    <div className="sr-only" aria-live="assertive">
      <p>{mic ? "Microphone on" : "Microphone off"}</p>
      <p>{camera ? "Camera on" : "Camera off"}</p>
    </div>
  );
}

/** One panel at a time: beside the stage, or over everything on a phone. */
function Panel() {
  const panel = useLive((call) => call.panel);
  const dispatch = useCallDispatch();
  if (panel === null) return null;
  const close = () => dispatch({ type: "panelClosed" });
  return (
    <PanelFrame key={panel} name={panel === "chat" ? "Chat" : "People"} onClose={close}>
      {panel === "chat" ? <ChatPanel onClose={close} /> : <PeoplePanel onClose={close} />}
    </PanelFrame>
  );
}

type FrameProps = {
  readonly name: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
};

/** Takes the focus when it opens, and gives it back to where it came from. */
function PanelFrame({ name, onClose, children }: FrameProps) {
  const ref = useRef<HTMLElement>(null);
  // Read while rendering: by the time of the effect a field inside has taken the focus already.
  const [opener] = useState(() => document.activeElement);
  useEffect(() => {
    if (!ref.current?.contains(document.activeElement)) ref.current?.focus();
    return () => {
      const lost = document.activeElement === document.body || document.activeElement === null;
      if (lost && opener instanceof HTMLElement) opener.focus();
    };
  }, [opener]);
  return (
    <aside
      ref={ref}
      tabIndex={-1}
      aria-label={name}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
      className="fixed inset-0 z-30 flex animate-rise flex-col bg-surface outline-none md:static md:my-3 md:mr-3 md:w-[360px] md:rounded-2xl md:border md:border-line/60"
    >
      {children}
    </aside>
  );
}
