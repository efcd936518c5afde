import {
  EllipsisVertical,
  Hand,
  Keyboard,
  Maximize,
  MessageSquare,
  MonitorUp,
  MonitorX,
  Settings,
  Users,
} from "lucide-react";
import type { ReactNode } from "react";
import { useCallDispatch, useLive, useLocal } from "~/features/call";
import { keysOf, type SettingsTab } from "~/features/settings";
import { cx } from "~/ui/cx";
import { Menu, MenuItem } from "~/ui/Menu";
import { RoundButton } from "~/ui/RoundButton";
import { Spinner } from "~/ui/Spinner";
import { DeviceMenu } from "./DeviceMenu";
import { CameraToggle, MicToggle } from "./DeviceToggles";
import { toggleFullScreen } from "./fullScreen";
import { LeaveButton } from "./LeaveButton";
import { MeetingLine } from "./MeetingLine";
import { ReactionsButton } from "./ReactionsButton";
import { useScreenShare } from "./useScreenShare";

type Props = {
  readonly wide: boolean;
  readonly reactionsOpen: boolean;
  readonly onReactionsOpen: (open: boolean) => void;
  readonly onSettings: (tab: SettingsTab) => void;
};

/** All controls of the call. On a phone the less used ones are in the menu. */
export function ControlBar(props: Props) {
  const { wide, reactionsOpen, onReactionsOpen } = props;
  const help = () => props.onSettings("devices");
  const reactions = <ReactionsButton open={reactionsOpen} onOpen={onReactionsOpen} />;
  if (!wide) {
    return (
      <Bar className="flex items-center justify-center gap-1 px-2 min-[360px]:gap-2 pb-[env(safe-area-inset-bottom)]">
        <MicToggle onProblem={help} />
        <CameraToggle onProblem={help} />
        {reactions}
        <HandButton />
        <PhoneMenu {...props} />
        <LeaveButton />
      </Bar>
    );
  }
  return (
    <Bar className="grid grid-cols-[minmax(0,1fr)_auto_minmax(max-content,1fr)] items-center gap-4 px-4">
      <MeetingLine />
      <div className="flex items-center gap-2 lg:gap-2.5">
        <DeviceMenu kind="mic">
          <MicToggle onProblem={help} />
        </DeviceMenu>
        <DeviceMenu kind="camera">
          <CameraToggle onProblem={help} />
        </DeviceMenu>
        {reactions}
        <ScreenButton />
        <HandButton />
        <WideMenu {...props} />
        <LeaveButton />
      </div>
      <div className="flex items-center justify-end gap-1">
        <RoundButton
          data-testid="settings"
          look="ghost"
          label="Settings"
          onClick={() => props.onSettings("devices")}
        >
          <Settings />
        </RoundButton>
        <PeopleButton />
        <ChatButton />
      </div>
    </Bar>
  );
}

function Bar({
  className,
  children,
}: {
  readonly className: string;
  readonly children: ReactNode;
}) {
  return (
    <footer>
      <div role="toolbar" aria-label="Call controls" className={cx("h-20", className)}>
        {children}
      </div>
    </footer>
  );
}

function ScreenButton() {
  const { on, starting, toggle } = useScreenShare();
  return (
    <RoundButton
      data-testid="screen-toggle"
      look={on ? "active" : "quiet"}
      label={on ? "Stop presenting" : "Present your screen"}
      keys={keysOf("screen")}
      aria-pressed={on}
      disabled={starting}
      onClick={toggle}
    >
      {starting ? <Spinner /> : on ? <MonitorX /> : <MonitorUp />}
    </RoundButton>
  );
}

function HandButton() {
  const raised = useLive((call) => call.self.handRaised);
  const dispatch = useCallDispatch();
  return (
    <RoundButton
      data-testid="raise-hand"
      look={raised ? "active" : "quiet"}
      label={raised ? "Lower hand" : "Raise hand"}
      keys={keysOf("hand")}
      aria-pressed={raised}
      onClick={() => dispatch({ type: "handToggled" })}
    >
      <Hand />
    </RoundButton>
  );
}

function PeopleButton() {
  const open = useLive((call) => call.panel === "people");
  const count = useLive((call) => call.peers.size + 1);
  const dispatch = useCallDispatch();
  return (
    <RoundButton
      data-testid="participants-toggle"
      look={open ? "active" : "ghost"}
      label={open ? "Close people" : "People"}
      keys={keysOf("people")}
      aria-pressed={open}
      badge={count}
      status={`${count} in the call`}
      onClick={() => dispatch({ type: "panelToggled", panel: "people" })}
    >
      <Users />
    </RoundButton>
  );
}

function ChatButton() {
  const open = useLive((call) => call.panel === "chat");
  const unread = useLive((call) => call.chat.unread);
  const dispatch = useCallDispatch();
  return (
    <RoundButton
      data-testid="chat-toggle"
      look={open ? "active" : "ghost"}
      label={open ? "Close chat" : "Chat"}
      keys={keysOf("chat")}
      aria-pressed={open}
      badge={unreadText(unread)}
      status={unread === 0 ? undefined : `${unreadText(unread)} unread`}
      onClick={() => dispatch({ type: "panelToggled", panel: "chat" })}
    >
      <MessageSquare />
    </RoundButton>
  );
}

function unreadText(unread: number): string | null {
  if (unread === 0) return null;
  return unread > 9 ? "9+" : String(unread);
}

function WideMenu({ onSettings }: Props) {
  return (
    <Menu
      trigger={
        <RoundButton label="More">
          <EllipsisVertical />
        </RoundButton>
      }
    >
      <MenuItem icon={<Maximize />} keys={keysOf("fullScreen")} onSelect={toggleFullScreen}>
        Full screen
      </MenuItem>
      <MenuItem icon={<Keyboard />} keys={keysOf("help")} onSelect={() => onSettings("shortcuts")}>
        Keyboard shortcuts
      </MenuItem>
    </Menu>
  );
}

function PhoneMenu({ onSettings }: Props) {
  const dispatch = useCallDispatch();
  const unread = useLive((call) => call.chat.unread);
  const count = useLive((call) => call.peers.size + 1);
  const { on, toggle } = useScreenShare();
  const canShare = useLocal(() => "getDisplayMedia" in (navigator.mediaDevices ?? {}));
  return (
    <Menu
      align="end"
      trigger={
        <RoundButton
          label="More"
          data-testid="more"
          badge={unreadText(unread)}
          status={unread === 0 ? undefined : `${unreadText(unread)} unread`}
        >
          <EllipsisVertical />
        </RoundButton>
      }
    >
      <MenuItem
        icon={<MessageSquare />}
        data-testid="chat-toggle"
        onSelect={() => dispatch({ type: "panelToggled", panel: "chat" })}
      >
        {unread === 0 ? "Chat" : `Chat (${unread} new)`}
      </MenuItem>
      <MenuItem
        icon={<Users />}
        data-testid="participants-toggle"
        onSelect={() => dispatch({ type: "panelToggled", panel: "people" })}
      >
        People ({count})
      </MenuItem>
      {canShare && (
        <MenuItem
          icon={on ? <MonitorX /> : <MonitorUp />}
          data-testid="screen-toggle"
          onSelect={toggle}
        >
          {on ? "Stop presenting" : "Present your screen"}
        </MenuItem>
      )}
      <MenuItem icon={<Settings />} data-testid="settings" onSelect={() => onSettings("devices")}>
        Settings
      </MenuItem>
    </Menu>
  );
}
