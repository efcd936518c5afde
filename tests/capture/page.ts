// A page that calls itself over a relay: its candidates are rewritten to the relay's two ports.

export type Call = {
  readonly mimeType: string;
  /** A part of the format parameters that tells the codec from others of its name. */
  readonly format: string;
  readonly scalabilityMode: string;
  /** Whether to send the dependency descriptor. With it VP8 leaves its own layers and ids out. */
  readonly descriptor: boolean;
};

/** Runs in the page: sends a moving picture until `frames` of it were decoded. */
export async function call(
  { mimeType, format, scalabilityMode, descriptor }: Call,
  relay: { caller: number; callee: number },
  frames: number,
): Promise<{ payloadType: number; descriptorId: number }> {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [640, 360];
  const paint = canvas.getContext("2d");
  const drawing = setInterval(() => {
    if (paint === null) return;
    paint.fillStyle = `hsl(${(performance.now() / 10) % 360} 80% 50%)`;
    paint.fillRect((performance.now() / 10) % 600, 100, 40, 40);
  }, 33);

  const [caller, callee] = [new RTCPeerConnection(), new RTCPeerConnection()];
  function connect(from: RTCPeerConnection, to: RTCPeerConnection, port: number): void {
    from.onicecandidate = ({ candidate }) => {
      if (candidate === null || candidate.protocol !== "udp" || candidate.address?.includes(":")) return;
      const words = candidate.candidate.split(" ");
      [words[4], words[5]] = ["127.0.0.1", String(port)];
      void to.addIceCandidate({ ...candidate.toJSON(), candidate: words.join(" ") });
    };
  }
  // What reaches the relay's `callee` port goes on to the callee, and so for the caller.
  connect(callee, caller, relay.callee);
  connect(caller, callee, relay.caller);

  const [track] = canvas.captureStream(30).getVideoTracks();
  if (track === undefined) throw new Error("no picture");
  const transceiver = caller.addTransceiver(track, { direction: "sendonly", sendEncodings: [{ scalabilityMode } as RTCRtpEncodingParameters] });
  // Not in the DOM's types yet: extensions that Chromium has and offers on request alone.
  type Extension = { uri: string; direction: string };
  const negotiable = transceiver as unknown as {
    getHeaderExtensionsToNegotiate(): Extension[];
    setHeaderExtensionsToNegotiate(extensions: Extension[]): void;
  };
  const extensions = negotiable.getHeaderExtensionsToNegotiate();
  for (const extension of extensions) {
    if (extension.uri.includes("dependency-descriptor")) extension.direction = descriptor ? "sendrecv" : "stopped";
  }
  negotiable.setHeaderExtensionsToNegotiate(extensions);
  const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  const codec = codecs.find((one) => one.mimeType === mimeType && (one.sdpFmtpLine ?? "").includes(format));
  if (codec === undefined) throw new Error(`no ${mimeType} ${format}`);
  // With RTX, probes go there; without, they would be empty packets of the stream.
  transceiver.setCodecPreferences([codec, ...codecs.filter((one) => one.mimeType === "video/rtx")]);

  await caller.setLocalDescription();
  const offer = caller.localDescription?.toJSON() as RTCSessionDescriptionInit;
  await callee.setRemoteDescription({ ...offer, sdp: (offer.sdp ?? "").replace(/a=candidate:.*\r\n/g, "") });
  await callee.setLocalDescription();
  const answer = callee.localDescription?.toJSON() as RTCSessionDescriptionInit;
  await caller.setRemoteDescription({ ...answer, sdp: (answer.sdp ?? "").replace(/a=candidate:.*\r\n/g, "") });

  const deadline = performance.now() + 15_000;
  for (let decoded = 0; decoded < frames; ) {
    if (performance.now() > deadline) throw new Error(`only ${decoded} frames were decoded`);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    for (const report of (await callee.getStats()).values()) {
      if (report.type === "inbound-rtp") decoded = report.framesDecoded ?? 0;
    }
  }
  clearInterval(drawing);
  caller.close();
  callee.close();
  const number = (pattern: RegExp): number => Number(offer.sdp?.match(pattern)?.[1] ?? 0);
  return {
    payloadType: number(/m=video \d+ \S+ (\d+)/),
    descriptorId: number(/a=extmap:(\d+) \S*dependency-descriptor/),
  };
}
