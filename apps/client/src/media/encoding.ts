// How much of the uplink one camera may take in a mesh, where it is encoded once for each peer.

export type CameraEncoding = {
  readonly maxBitrate: number; // bits per second
  readonly scaleResolutionDownBy: number;
};

/** For a call with this many others; captured is 720p. */
export function cameraEncoding(others: number): CameraEncoding {
  if (others <= 1) return { maxBitrate: 2_500_000, scaleResolutionDownBy: 1 };
  if (others <= 3) return { maxBitrate: 900_000, scaleResolutionDownBy: 1.5 };
  return { maxBitrate: 400_000, scaleResolutionDownBy: 2 };
}

/** Applies it to a sender. A browser that refuses keeps its own idea of what is right. */
export async function limitSender(sender: RTCRtpSender, limits: CameraEncoding): Promise<void> {
  const parameters = sender.getParameters();
  const [encoding] = parameters.encodings ?? [];
  if (encoding === undefined) return; // not negotiated yet
  if (
    encoding.maxBitrate === limits.maxBitrate &&
    encoding.scaleResolutionDownBy === limits.scaleResolutionDownBy
  ) {
    return;
  }
  Object.assign(encoding, limits);
  await sender.setParameters(parameters).catch(() => {});
}
