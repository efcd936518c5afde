// Speech that survives loss: each packet brings the frame before it once more (RED, RFC 2198), so a single lost
// packet is never heard. It costs as much again of an audio stream that is small beside any picture.

const isRed = ({ mimeType }: RTCRtpCodec) => mimeType.toLowerCase() === "audio/red";

/** Asks for it where this browser can; the other side takes plain Opus where it cannot. Before the description. */
export function preferRedundancy(transceiver: RTCRtpTransceiver): void {
  const codecs = globalThis.RTCRtpReceiver?.getCapabilities("audio")?.codecs ?? [];
  const red = codecs.filter(isRed);
  if (red.length === 0) return;
  transceiver.setCodecPreferences([...red, ...codecs.filter((codec) => !isRed(codec))]);
}
