// GStreamer feeds sfu-plain and receives from it: what its decoders make of the packets is looked at.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { until } from "../support/poll.ts";
import { freeUdpPort, Pipeline } from "./gstreamer.ts";
import { Receiver } from "./receiver.ts";
import { type Request, SfuPlain } from "./sfu_plain.ts";
import { SrtpReader } from "./srtp.ts";

const VIDEO = { mimeType: "video/VP8", clockRate: 90_000, payloadType: 101, ssrc: 1111 };
const AUDIO = { mimeType: "audio/opus", clockRate: 48_000, payloadType: 100, ssrc: 2222 };
const [WIDTH, HEIGHT, RATE] = [160, 120, 48_000];
const FRAME_SIZE = WIDTH * HEIGHT * 3;
const PICTURES = 30;
/** Of the test picture's bars, from the left: whether red, green and blue are bright. */
const BARS = ["111", "110", "011", "010", "101", "100", "001"];
const TONE_HZ = 440;

const ENCODED = {
  video: `videotestsrc is-live=true pattern=smpte ! video/x-raw,width=${WIDTH},height=${HEIGHT},framerate=15/1
    ! vp8enc deadline=1 keyframe-max-dist=15 ! rtpvp8pay picture-id-mode=15-bit`,
  audio: `audiotestsrc is-live=true freq=${TONE_HZ} ! audio/x-raw,rate=${RATE},channels=1 ! opusenc ! rtpopuspay`,
};
const DECODED = {
  video: "rtpvp8depay ! vp8dec ! videoconvert ! video/x-raw,format=RGB",
  audio: `rtpopusdepay ! opusdec ! audioconvert ! audio/x-raw,format=S16LE,rate=${RATE},channels=1`,
};

describe("GStreamer at sfu-plain", { timeout: 120_000 }, () => {
  let folder: string;
  let running: { stop(): Promise<unknown> }[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sfu-plain-"));
    running = [];
  });
  afterEach(async () => {
    for (const one of running.reverse()) await one.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** What GStreamer decodes goes to the end of the file. */
  async function receive(kind: "video" | "audio", name: string): Promise<{ port: number; file: string }> {
    const { mimeType, clockRate, payloadType } = kind === "video" ? VIDEO : AUDIO;
    const encoding = mimeType.slice("video/".length).toUpperCase();
    const caps = `application/x-rtp,media=${kind},clock-rate=${clockRate},encoding-name=${encoding},payload=${payloadType}`;
    const [port, file] = [await freeUdpPort(), join(folder, name)];
    running.push(await Pipeline.start(`
      rtpbin name=rtp udpsrc address=127.0.0.1 port=${port} caps=${caps} ! rtp.recv_rtp_sink_0
      rtp. ! ${DECODED[kind]} ! filesink location=${file} buffer-mode=unbuffered`));
    return { port, file };
  }

  /** RTP, and RTCP from the same port. */
  async function send(kind: "video" | "audio", sfu: SfuPlain): Promise<void> {
    const { ssrc, payloadType } = kind === "video" ? VIDEO : AUDIO;
    const { ip, port } = sfu.answer;
    running.push(await Pipeline.start(`
      rtpbin name=rtp ${ENCODED[kind]} ssrc=${ssrc} pt=${payloadType} ! rtp.send_rtp_sink_0
      rtp.send_rtp_src_0 ! both. rtp.send_rtcp_src_0 ! both.
      funnel name=both ! udpsink host=${ip} port=${port} sync=false async=false`));
  }

  async function start(request: Request): Promise<SfuPlain> {
    const sfu = await SfuPlain.start(request);
    running.push({ stop: () => sfu.end() });
    return sfu;
  }

  async function receiver(onDatagram: (datagram: Buffer, socket: { send(datagram: Buffer, port: number): void }) => void) {
    const one = await Receiver.open(onDatagram);
    running.push({ stop: async () => one.close() });
    return one;
  }

  const grown = (file: string, size: number) =>
    until(`${size} octets in ${file}`, async () => (await stat(file)).size >= size, 30_000);

  async function showsTestPicture(file: string): Promise<void> {
    await grown(file, PICTURES * FRAME_SIZE);
    const last = (await readFile(file)).subarray((PICTURES - 1) * FRAME_SIZE, PICTURES * FRAME_SIZE);
    const bars = BARS.map((_, i) => {
      const at = (Math.floor(HEIGHT / 3) * WIDTH + Math.floor(((i + 0.5) * WIDTH) / BARS.length)) * 3;
      return [...last.subarray(at, at + 3)].map((octet) => (octet > 96 ? "1" : "0")).join("");
    });
    assert.deepEqual(bars, BARS);
  }

  test("its picture is decoded by two consumers, and its clock is passed on to a third", async () => {
    const [one, other] = [await receive("video", "one"), await receive("video", "other")];
    const seen: Buffer[] = [];
    const third = await receiver((datagram) => seen.push(datagram));
    const ports = [one.port, other.port, third.port];
    const sfu = await start({ producer: VIDEO, consumers: ports.map((port) => ({ ip: "127.0.0.1", port })) });
    await send("video", sfu);
    await Promise.all([showsTestPicture(one.file), showsTestPicture(other.file)]);

    const { consumers } = sfu.answer;
    assert.equal(new Set([VIDEO.ssrc, ...consumers.map(({ ssrc }) => ssrc)]).size, 4);
    const isRtcp = (datagram: Buffer) => ((datagram[1] ?? 0) & 0xe0) === 0xc0;
    const report = await until("a sender report", () => seen.find((one) => isRtcp(one) && one[1] === 200));
    assert.equal(report.readUInt32BE(4), consumers[2]?.ssrc);
    for (const packet of seen.filter((one) => !isRtcp(one))) {
      assert.equal(packet.readUInt32BE(8), consumers[2]?.ssrc);
      assert.equal((packet[1] ?? 0) & 0x7f, consumers[2]?.payloadType);
    }
  });

  test("its tone is decoded by two consumers", async () => {
    const [one, other] = [await receive("audio", "one"), await receive("audio", "other")];
    const ports = [one.port, other.port];
    const sfu = await start({ producer: AUDIO, consumers: ports.map((port) => ({ ip: "127.0.0.1", port })) });
    await send("audio", sfu);
    for (const { file } of [one, other]) {
      await grown(file, 2 * RATE * 2);
      const samples = (await readFile(file)).subarray(RATE * 2, 2 * RATE * 2); // the second second
      let rises = 0;
      for (let at = 2; at < samples.length; at += 2) {
        if (samples.readInt16LE(at - 2) < 0 && samples.readInt16LE(at) >= 0) rises++;
      }
      assert.ok(Math.abs(rises - TONE_HZ) <= 2, `${rises} Hz`);
    }
  });

  test("what is encrypted for a consumer is its picture again, once decrypted", async () => {
    const { port, file } = await receive("video", "decrypted");
    const master = randomBytes(28);
    const reader = new SrtpReader(master);
    const relay = await receiver((datagram, socket) => {
      if (((datagram[1] ?? 0) & 0xe0) !== 0xc0) socket.send(reader.open(datagram), port);
    });
    const srtpParameters = { cryptoSuite: "AEAD_AES_128_GCM", keyBase64: master.toString("base64") } as const;
    const sfu = await start({ producer: VIDEO, consumers: [{ ip: "127.0.0.1", port: relay.port, srtpParameters }] });
    await send("video", sfu);
    await showsTestPicture(file);
  });
});
