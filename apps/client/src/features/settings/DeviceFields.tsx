import { Camera, Mic, Volume2 } from "lucide-react";
import type { ReactNode } from "react";
import { useCallParts, useLocal } from "~/features/call";
import type { Choice, Device } from "~/media/devices";
import { Select } from "~/ui/Select";
import { LevelMeterBar } from "./LevelMeterBar";
import { canChooseSpeaker, playTestSound } from "./speaker";

/** Choosing microphone, speaker and camera; every change works at once. `named` shows labels. */
export function DeviceFields({ named = false }: { readonly named?: boolean }) {
  const devices = useLocal((local) => local.devices);
  const choice = useLocal((local) => local.choice);
  return (
    <div className="grid gap-4 sm:grid-cols-3">
      <DeviceField
        kind="mic"
        label="Microphone"
        icon={<Mic />}
        testId="select-mic"
        named={named}
        devices={devices.mics}
      >
        <LevelMeterBar />
      </DeviceField>
      <DeviceField
        kind="speaker"
        label="Speaker"
        icon={<Volume2 />}
        testId="select-speaker"
        named={named}
        devices={canChooseSpeaker() ? devices.speakers : []}
      >
        <button
          type="button"
          onClick={() => void playTestSound(choice.speaker)}
          className="-my-2 -ml-2 min-h-11 self-start rounded-lg px-2 text-xs font-medium text-link hover:underline"
        >
          Test the sound
        </button>
      </DeviceField>
      <DeviceField
        kind="camera"
        label="Camera"
        icon={<Camera />}
        testId="select-camera"
        named={named}
        devices={devices.cameras}
      />
    </div>
  );
}

type FieldProps = {
  readonly kind: keyof Choice;
  readonly label: string;
  readonly icon: ReactNode;
  readonly testId: string;
  /** Shows the label, not only the icon. */
  readonly named: boolean;
  readonly devices: readonly Device[];
  readonly children?: ReactNode;
};

function DeviceField(props: FieldProps) {
  const { kind, label, icon, testId, named, devices, children } = props;
  const { local } = useCallParts();
  const chosen = useLocal((state) => state.choice[kind]);
  // Chromium names what its default stands for.
  const standard = devices.find((device) => device.id === "default")?.label ?? "Default";
  const known = devices.some((device) => device.id === chosen);
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <label htmlFor={testId} className={named ? "text-sm font-medium" : "sr-only"}>
        {label}
      </label>
      <Select
        id={testId}
        data-testid={testId}
        icon={icon}
        value={known ? (chosen ?? "") : ""}
        onChange={(event) => void local.choose(kind, event.target.value || null)}
      >
        <option value="">{standard}</option>
        {devices
          .filter((device) => device.id !== "default")
          .map((device) => (
            <option key={device.id} value={device.id}>
              {device.label}
            </option>
          ))}
      </Select>
      {children}
    </div>
  );
}
