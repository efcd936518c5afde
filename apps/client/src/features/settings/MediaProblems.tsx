import { useCall, useCallParts, useLocal } from "~/features/call";
import { helpFor, type MediaProblem, readPlatform } from "~/media/mediaProblem";
import { ErrorNotice } from "~/ui/Notice";

/** What is wrong with microphone and camera, and the steps that mend it on this system. */
export function MediaProblems() {
  const { local } = useCallParts();
  const mic = useLocal((state) => state.mic.problem);
  const camera = useLocal((state) => state.camera.problem);
  if (mic !== null && mic === camera) {
    const retry = () => void local.setMic(true).then(() => local.setCamera(true));
    return <Problem kind="both" problem={mic} onRetry={retry} />;
  }
  return (
    <>
      {mic !== null && <Problem kind="mic" problem={mic} onRetry={() => void local.setMic(true)} />}
      {camera !== null && (
        <Problem kind="camera" problem={camera} onRetry={() => void local.setCamera(true)} />
      )}
    </>
  );
}

type Props = {
  readonly kind: "mic" | "camera" | "both";
  readonly problem: MediaProblem;
  readonly onRetry: () => void;
};

function Problem({ kind, problem, onRetry }: Props) {
  const inCall = useCall((call) => call.phase === "live");
  const { title, steps } = helpFor(problem, kind, readPlatform(navigator.userAgent));
  return (
    <ErrorNotice data-testid={`${kind}-problem`}>
      <p className="font-medium">{title}</p>
      <ol className="mt-1 list-inside list-decimal text-ink-soft">
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <p className="mt-2 text-ink-soft">
        {!inCall && `You can join without ${kind === "both" ? "them" : "it"}. `}
        <button
          type="button"
          onClick={onRetry}
          className="-my-3 inline-flex min-h-11 items-center font-medium text-link underline"
        >
          Try again
        </button>
      </p>
    </ErrorNotice>
  );
}
