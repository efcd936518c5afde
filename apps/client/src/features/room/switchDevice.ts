import type { Kind } from "~/media/capture";
import type { LocalMedia } from "~/media/localMedia";

/** Turns microphone or camera on or off. One that does not start tells so, for help to be shown. */
export async function switchDevice(
  local: LocalMedia,
  kind: Kind,
  onProblem: () => void = () => {},
): Promise<void> {
  const on = !local.get()[kind].on;
  await (kind === "mic" ? local.setMic(on) : local.setCamera(on));
  if (on && local.get()[kind].problem !== null) onProblem();
}
