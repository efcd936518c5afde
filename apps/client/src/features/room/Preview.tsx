import { useLocal } from "~/features/call";
import { MediaProblems } from "~/features/settings";
import { Avatar } from "~/ui/Avatar";
import { TrackVideo } from "~/ui/TrackVideo";
import { CameraToggle, MicToggle } from "./DeviceToggles";

type Props = { readonly name: string; readonly seed: string };

/** What the others will see, mirrored as in a looking glass. */
export function Preview({ name, seed }: Props) {
  const camera = useLocal((local) => local.camera);
  return (
    <div className="flex flex-col gap-4">
      <div
        data-testid="preview"
        className="relative aspect-video w-full overflow-hidden rounded-2xl bg-[#202124] shadow-lg ring-1 ring-line/60"
      >
        <div className="absolute inset-0 flex flex-col items-center justify-center gap-2 pb-16 text-white md:gap-4 md:pb-14">
          {camera.starting ? (
            <p className="px-6 text-center text-balance">
              Starting the camera. Allow it if the browser asks.
            </p>
          ) : (
            camera.track === null && (
              <>
                <Avatar name={name} seed={seed} className="w-16 text-2xl md:w-28 md:text-4xl" />
                <p className="text-sm text-white/80 max-[359px]:sr-only md:text-base">
                  The camera is off
                </p>
              </>
            )
          )}
        </div>
        {camera.track !== null && (
          <TrackVideo track={camera.track} fit="cover" mirrored label="Your camera" />
        )}
        <div className="absolute inset-x-0 bottom-0 flex h-28 items-end justify-center bg-linear-to-t from-black/60 pb-4">
          <span
            dir="auto"
            className="absolute bottom-6 left-5 hidden max-w-[30%] truncate text-sm font-medium text-white sm:block"
          >
            {name}
          </span>
          <div className="flex gap-4" role="toolbar" aria-label="Microphone and camera">
            <MicToggle size="lg" />
            <CameraToggle size="lg" />
          </div>
        </div>
      </div>
      <MediaProblems />
    </div>
  );
}
