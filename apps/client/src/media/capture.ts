// Opens one microphone or camera, or the screen: the browser's answers as tracks or problems.
import { audioConstraints, type DevicePort, videoConstraints } from "./devices";
import { problemFrom } from "./mediaProblem";

export type Kind = "mic" | "camera";

/**
 * A track of the chosen device, or of any other one when that is gone.
 * @throws DOMException as getUserMedia does
 */
export async function openDevice(
  devices: DevicePort,
  kind: Kind,
  deviceId: string | null,
): Promise<MediaStreamTrack> {
  const constraints =
    kind === "mic" ? { audio: audioConstraints(deviceId) } : { video: videoConstraints(deviceId) };
  try {
    const stream = await devices.getUserMedia(constraints);
    const [track] = stream.getTracks();
    if (track === undefined) throw new DOMException("no track", "NotFoundError");
    track.contentHint = kind === "mic" ? "speech" : "motion";
    return track;
  } catch (error) {
    if (deviceId !== null && problemFrom(error) === "missing")
      return openDevice(devices, kind, null);
    throw error;
  }
}

export type ScreenTracks = {
  readonly video: MediaStreamTrack;
  /** The sound of what is shared, where browser and person give it. */
  readonly audio: MediaStreamTrack | null;
};

/** Lets the person pick a screen, window or tab. @throws DOMException as getDisplayMedia does */
export async function openScreen(
  getDisplayMedia: MediaDevices["getDisplayMedia"],
): Promise<ScreenTracks> {
  const stream = await getDisplayMedia({ video: { frameRate: { ideal: 30 } }, audio: true });
  const [video] = stream.getVideoTracks();
  if (video === undefined) throw new DOMException("no track", "NotFoundError");
  video.contentHint = "detail";
  return { video, audio: stream.getAudioTracks()[0] ?? null };
}
