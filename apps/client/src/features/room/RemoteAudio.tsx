import { Volume2 } from "lucide-react";
import { memo, useEffect, useRef, useState } from "react";
import { useCallDispatch, useLive, useLocal, useRemoteTrack } from "~/features/call";
import type { Source } from "~/signalling/events";
import { useHandover } from "~/ui/useHandover";

/**
 * The sound of everyone else, through <audio> elements: Web Audio would get around the browser's
 * echo cancellation. Where the browser refuses to play, a bar asks for the click that it wants.
 */
export function RemoteAudio() {
  const peers = useLive((call) => call.peers);
  const blocked = useLive((call) => call.soundBlocked);
  const [attempt, setAttempt] = useState(0);
  return (
    <>
      {blocked && (
        <button
          type="button"
          data-testid="play-sound"
          onClick={() => setAttempt(attempt + 1)}
          className="flex min-h-12 w-full items-center justify-center gap-3 bg-primary px-4 text-sm font-medium text-on-primary hover:bg-primary-hover"
        >
          <Volume2 className="size-5" />
          Your browser plays no sound yet. Turn on sound
        </button>
      )}
      {[...peers.keys()].map((peerId) => (
        <span key={peerId} data-peer-id={peerId} hidden>
          <Sound peerId={peerId} source="mic" attempt={attempt} />
          <Sound peerId={peerId} source="screen-audio" attempt={attempt} />
        </span>
      ))}
    </>
  );
}

type SoundProps = {
  readonly peerId: string;
  readonly source: Source;
  /** Grows with each click that allows playing. */
  readonly attempt: number;
};

/** When the track comes another way, the old one is heard until the new one plays. */
const Sound = memo(function Sound({ peerId, source, attempt }: SoundProps) {
  const { tracks, onReady } = useHandover(useRemoteTrack(peerId, source));
  return tracks.map((track) => (
    <TrackSound
      key={track.id}
      track={track}
      source={source}
      attempt={attempt}
      onPlaying={() => onReady(track)}
    />
  ));
});

type TrackProps = {
  readonly track: MediaStreamTrack;
  readonly source: Source;
  readonly attempt: number;
  readonly onPlaying: () => void;
};

function TrackSound({ track, source, attempt, onPlaying }: TrackProps) {
  const ref = useRef<HTMLAudioElement>(null);
  const dispatch = useCallDispatch();
  const speaker = useLocal((local) => local.choice.speaker);

  useEffect(() => {
    const audio = ref.current;
    if (audio === null) return;
    audio.srcObject = new MediaStream([track]);
  }, [track]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt is a reason to play
  useEffect(() => {
    const audio = ref.current;
    if (audio === null) return;
    audio.play().then(
      () => dispatch({ type: "soundAllowed" }),
      (error: unknown) => {
        const refused = error instanceof Error && error.name === "NotAllowedError";
        if (refused) dispatch({ type: "soundBlocked" });
      },
    );
  }, [track, attempt, dispatch]);

  useEffect(() => {
    const audio = ref.current;
    if (audio === null || !("setSinkId" in audio)) return;
    // A speaker that is gone: the default one goes on.
    audio.setSinkId(speaker ?? "").catch(() => {});
  }, [speaker]);

  // biome-ignore lint/a11y/useMediaCaption: live speech has no captions
  return <audio ref={ref} data-source={source} onPlaying={onPlaying} />;
}
