import { ChevronUp } from "lucide-react";
import type { ReactNode } from "react";
import { useCallParts, useLocal } from "~/features/call";
import { LevelMeterBar } from "~/features/settings";
import type { Choice, Device } from "~/media/devices";
import { Menu, MenuChoice, MenuLabel } from "~/ui/Menu";
import { RoundButton } from "~/ui/RoundButton";

type Props = { readonly kind: "mic" | "camera"; readonly children: ReactNode };

/** The second half of a split button: which device, while the call goes on. */
export function DeviceMenu({ kind, children }: Props) {
  const devices = useLocal((local) => local.devices);
  const isMic = kind === "mic";
  return (
    <div className="flex items-center rounded-full bg-raised">
      <Menu
        trigger={
          <RoundButton
            label={isMic ? "Audio devices" : "Video devices"}
            look="ghost"
            className="!w-11 [&_svg]:!size-4"
          >
            <ChevronUp />
          </RoundButton>
        }
      >
        <MenuLabel>{isMic ? "Microphone" : "Camera"}</MenuLabel>
        <Devices kind={kind} devices={isMic ? devices.mics : devices.cameras} />
        {isMic && (
          <div className="px-4 py-3">
            <LevelMeterBar />
          </div>
        )}
        {isMic && devices.speakers.length > 0 && (
          <>
            <MenuLabel>Speaker</MenuLabel>
            <Devices kind="speaker" devices={devices.speakers} />
          </>
        )}
      </Menu>
      {children}
    </div>
  );
}

type DevicesProps = { readonly kind: keyof Choice; readonly devices: readonly Device[] };

function Devices({ kind, devices }: DevicesProps) {
  const { local } = useCallParts();
  const chosen = useLocal((state) => state.choice[kind]);
  const listed = devices.filter((device) => device.id !== "default");
  const known = listed.some((device) => device.id === chosen);
  return (
    <MenuChoice
      value={known ? (chosen ?? "") : ""}
      onChange={(id) => void local.choose(kind, id || null)}
      options={[{ id: "", label: "Default" }, ...listed]}
    />
  );
}
