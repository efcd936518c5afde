import { Tabs } from "radix-ui";
import { useSyncExternalStore } from "react";
import { hostRole } from "~/call/host";
import { useLive } from "~/features/call";
import { type CodecChoice, codecChoice, codecChoices } from "~/media/sfu/codecChoice";
import { Modal } from "~/ui/Modal";
import { Select } from "~/ui/Select";
import { DeviceFields } from "./DeviceFields";
import { letterKeys } from "./letterKeys";
import { MediaProblems } from "./MediaProblems";
import { MeetingSettings } from "./MeetingSettings";
import { ShortcutList } from "./ShortcutList";
import { setTheme, themes, useTheme } from "./theme";

export type SettingsTab = "devices" | "general" | "meeting" | "shortcuts";
const names = {
  devices: "Devices",
  general: "General",
  meeting: "Meeting",
  shortcuts: "Shortcuts",
} as const satisfies Record<SettingsTab, string>;
const codecNames = {
  auto: "Automatic",
  VP8: "VP8",
  VP9: "VP9: sharper on the same network",
  AV1: "AV1: sharpest, and hardest work for the computer",
  H264: "H264: often done by the graphics chip",
} as const satisfies Record<CodecChoice, string>;
const themeNames = { system: "As the system", dark: "Dark", light: "Light" } as const;

type Props = {
  /** Null: shut. */
  readonly tab: SettingsTab | null;
  readonly onTab: (tab: SettingsTab | null) => void;
};

export function SettingsDialog({ tab, onTab }: Props) {
  const owner = useLive((call) => hostRole(call) === "owner");
  const tabs = (Object.keys(names) as SettingsTab[]).filter((id) => owner || id !== "meeting");
  return (
    <Modal title="Settings" open={tab !== null} onClose={() => onTab(null)}>
      <Tabs.Root value={tab ?? "devices"} onValueChange={(next) => onTab(next as SettingsTab)}>
        <Tabs.List className="mb-6 flex justify-between border-b border-line sm:justify-start sm:gap-1">
          {tabs.map((id) => (
            <Tabs.Trigger
              key={id}
              value={id}
              className="-mb-px min-h-11 shrink-0 border-b-2 border-transparent px-1 text-sm font-medium sm:px-4 text-ink-soft data-[state=active]:border-primary data-[state=active]:text-link"
            >
              {names[id]}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content value="devices" className="flex flex-col gap-4">
          <MediaProblems />
          <DeviceFields named />
        </Tabs.Content>
        <Tabs.Content value="general">
          <General />
        </Tabs.Content>
        {owner && (
          <Tabs.Content value="meeting">
            <MeetingSettings />
          </Tabs.Content>
        )}
        <Tabs.Content value="shortcuts">
          <ShortcutList />
        </Tabs.Content>
      </Tabs.Root>
    </Modal>
  );
}

function General() {
  const theme = useTheme();
  const codec = useSyncExternalStore(codecChoice.subscribe, codecChoice.get);
  const letters = useSyncExternalStore(letterKeys.subscribe, letterKeys.get);
  return (
    <div className="flex flex-col gap-6">
      <fieldset>
        <legend className="mb-2 text-sm font-medium">Colours</legend>
        <div className="flex flex-wrap gap-2">
          {themes.map((one) => (
            <label
              key={one}
              className="flex min-h-11 items-center gap-2 rounded-full border border-line px-4 text-sm has-checked:border-primary has-checked:text-link"
            >
              <input
                type="radio"
                name="theme"
                checked={theme === one}
                onChange={() => setTheme(one)}
                className="accent-primary"
              />
              {themeNames[one]}
            </label>
          ))}
        </div>
      </fieldset>
      <div className="flex flex-col gap-2 text-sm">
        <label htmlFor="select-video-codec" className="font-medium">
          Video codec
        </label>
        <Select
          id="select-video-codec"
          data-testid="select-video-codec"
          value={codec}
          onChange={(event) => codecChoice.set(event.target.value as CodecChoice)}
        >
          {codecChoices.map((one) => (
            <option key={one} value={one}>
              {codecNames[one]}
            </option>
          ))}
        </Select>
        <span className="text-ink-soft">
          For calls through the server, from the next one on. Everyone must be able to play it.
        </span>
      </div>
      <label className="flex min-h-11 items-center gap-3 text-sm">
        <input
          type="checkbox"
          checked={letters}
          onChange={(event) => letterKeys.set(event.target.checked)}
          className="size-5 accent-primary"
        />
        Single letters work as shortcuts (M, V, R …)
      </label>
    </div>
  );
}
