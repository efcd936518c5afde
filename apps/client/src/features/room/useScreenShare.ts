import { useCallParts, useLocal } from "~/features/call";
import { helpFor, readPlatform } from "~/media/mediaProblem";

/** Starts and stops presenting; says why when the system refused, and nothing when cancelled. */
export function useScreenShare() {
  const { local, toasts } = useCallParts();
  const { on, starting } = useLocal((state) => state.screen);
  async function toggle(): Promise<void> {
    await local.setScreen(!on);
    const { problem } = local.get().screen;
    if (problem === null) return;
    const { title, steps } = helpFor(problem, "screen", readPlatform(navigator.userAgent));
    toasts.show({ type: "screenFailed", text: `${title}. ${steps[0] ?? ""}` });
  }
  return { on, starting, toggle: () => void toggle() };
}
