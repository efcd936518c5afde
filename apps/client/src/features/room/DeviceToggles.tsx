import { Mic, MicOff, Video, VideoOff } from "lucide-react";
import { useCallParts, useLocal } from "~/features/call";
import { keysOf } from "~/features/settings";
import { RoundButton } from "~/ui/RoundButton";
import { Spinner } from "~/ui/Spinner";
import { switchDevice } from "./switchDevice";

type Props = {
  readonly size?: "md" | "lg";
  /** The device did not start; what helps is in the local state. */
  readonly onProblem?: () => void;
};

export function MicToggle({ size = "md", onProblem }: Props) {
  const { local } = useCallParts();
  const { on, starting, problem } = useLocal((state) => state.mic);
  return (
    <RoundButton
      data-testid="mic-toggle"
      size={size}
      look={on ? "quiet" : "off"}
      label={on ? "Turn off microphone" : "Turn on microphone"}
      keys={keysOf("mic")}
      aria-pressed={on}
      disabled={starting}
      badge={problem === null ? null : "!"}
      warns
      status={problem === null ? undefined : "there is a problem"}
      onClick={() => void switchDevice(local, "mic", onProblem)}
    >
      {starting ? <Spinner /> : on ? <Mic /> : <MicOff />}
    </RoundButton>
  );
}

export function CameraToggle({ size = "md", onProblem }: Props) {
  const { local } = useCallParts();
  const { on, starting, problem } = useLocal((state) => state.camera);
  return (
    <RoundButton
      data-testid="camera-toggle"
      size={size}
      look={on ? "quiet" : "off"}
      label={on ? "Turn off camera" : "Turn on camera"}
      keys={keysOf("camera")}
      aria-pressed={on}
      disabled={starting}
      badge={problem === null ? null : "!"}
      warns
      status={problem === null ? undefined : "there is a problem"}
      onClick={() => void switchDevice(local, "camera", onProblem)}
    >
      {starting ? <Spinner /> : on ? <Video /> : <VideoOff />}
    </RoundButton>
  );
}
