// The program abuse-media-peer and its signalling: somebody in a room whose media is as they are told.
import { join } from "node:path";
import { Line, type Reply } from "../support/person.ts";
import { Child } from "../support/process.ts";
import { BIN } from "../support/server.ts";

type Transport = {
  id: string;
  iceParameters: { usernameFragment: string; password: string };
  iceCandidates: { port: number; protocol: string }[];
  dtlsParameters: { fingerprints: { algorithm: string; value: string }[] };
};
type Media = { sendTransport: Transport; recvTransport: Transport };
/** Packets a second; `octets` of each packet of media. */
export type Pace = { media?: number; octets?: number; nacks?: number; plis?: number; hellos?: number };
export type Look = { sent: number; received: number; p50Ms: number; p99Ms: number };

const PAYLOAD_TYPE = 96;
const [SSRC, RTX_SSRC] = [11_111, 22_222];
const feedback = [{ type: "nack", parameter: "" }, { type: "nack", parameter: "pli" }];
const RTP = {
  mid: "0",
  codecs: [
    { mimeType: "video/VP8", payloadType: PAYLOAD_TYPE, clockRate: 90_000, parameters: {}, rtcpFeedback: feedback },
    { mimeType: "video/rtx", payloadType: 97, clockRate: 90_000, parameters: { apt: PAYLOAD_TYPE }, rtcpFeedback: [] },
  ],
  headerExtensions: [],
  encodings: [{ ssrc: SSRC, rtx: { ssrc: RTX_SSRC } }],
  rtcp: { cname: "somebody" },
};

/** Two guests in one room: one sends a picture, the other is sent it. Their media is one process. */
export class MediaPeer {
  readonly #child: Child;
  readonly #lines: readonly Line[];
  #looks = 0;

  private constructor(child: Child, lines: readonly Line[]) {
    this.#child = child;
    this.#lines = lines;
  }

  static async enter(server: { url: string }, room: string, from: string): Promise<MediaPeer> {
    const child = new Child(join(BIN, "abuse-media-peer"), [from], { PATH: process.env["PATH"] }, { keepsInput: true });
    const lines: Line[] = [];
    try {
      const { fingerprint } = await child.line("the fingerprint", objectWith<{ fingerprint: string }>("fingerprint"));
      const media: Media[] = [];
      let rtpCapabilities: object = {};
      for (const guestName of ["Sender", "Receiver"]) {
        const line = await Line.open(server, { localAddress: from, auth: { guestName } });
        lines.push(line);
        const joined = await line.join(room);
        rtpCapabilities = joined.routerRtpCapabilities;
        media.push(await ask<Media>(line, "sfu:join", { roomId: joined.roomId, rtpCapabilities }));
      }
      const [{ sendTransport }, { recvTransport }] = media as [Media, Media];
      const [sender, receiver] = lines as [Line, Line];
      const dtlsParameters = { role: "client", fingerprints: [{ algorithm: "sha-256", value: fingerprint }] };
      await ask(sender, "sfu:connect-transport", { transportId: sendTransport.id, dtlsParameters });
      await ask(receiver, "sfu:connect-transport", { transportId: recvTransport.id, dtlsParameters });
      const produce = { transportId: sendTransport.id, kind: "video", rtpParameters: RTP, appData: { source: "camera" } };
      const { producerId } = await ask<{ producerId: string }>(sender, "sfu:produce", produce);
      const made = await ask<{ consumerId: string; rtpParameters: { encodings: { ssrc: number }[] } }>(
        receiver, "sfu:consume", { producerId, rtpCapabilities });
      await ask(receiver, "sfu:resume-consumer", { consumerId: made.consumerId });
      const port = sendTransport.iceCandidates.find((one) => one.protocol === "udp")?.port;
      const connect = { port, send: remote(sendTransport), receive: remote(recvTransport), ssrc: SSRC,
        payloadType: PAYLOAD_TYPE, receiveSsrc: made.rtpParameters.encodings[0]?.ssrc };
      child.write(`${JSON.stringify({ connect })}\n`);
      await child.line("the connection of media", objectWith("connected"));
      return new MediaPeer(child, lines);
    } catch (error) {
      for (const line of lines) line.close();
      await child.stop("SIGKILL");
      throw error;
    }
  }

  pace(pace: Pace): void {
    this.#child.write(`${JSON.stringify({ pace })}\n`);
  }

  /** What it sent and was sent since the last look. */
  async look(): Promise<Look> {
    const number = ++this.#looks;
    let seen = 0;
    this.#child.write('{"look":true}\n');
    const read = objectWith<Look>("sent");
    return this.#child.line("what was sent", (line) => {
      const look = read(line);
      return look !== null && ++seen === number ? look : null;
    });
  }

  async stop(): Promise<void> {
    for (const line of this.#lines) line.close();
    this.#child.endInput();
    await this.#child.stop("SIGKILL");
  }
}

async function ask<T = object>(line: Line, event: string, payload: object): Promise<T> {
  const reply: Reply = await line.call(event, payload);
  if (reply.error) throw new Error(`${event}: ${JSON.stringify(reply.error)}`);
  return reply as T;
}

function remote({ iceParameters, dtlsParameters }: Transport): object {
  const own = dtlsParameters.fingerprints.find((one) => one.algorithm === "sha-256");
  return { ...iceParameters, fingerprint: own?.value };
}

function objectWith<T>(field: string): (line: string) => T | null {
  return (line) => {
    if (!line.startsWith("{")) return null;
    const value = JSON.parse(line) as object;
    return field in value ? (value as T) : null;
  };
}
