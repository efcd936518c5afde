// Redundant audio (RFC 2198) through the server: from libwebrtc to one who takes it, and to one who does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import wrtc from "@roamhq/wrtc";
import { Person } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";
import { Caller, flows } from "./caller.ts";
import { tone } from "./tracks.ts";

const RED = { mimeType: "audio/red", payloadType: 63, clockRate: 48_000, channels: 2, parameters: { "111/111": "" } };
const RED_SDP = "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n";

/** A browser that prefers redundancy: mediasoup-client asks for the first codec alone. */
class RedPeerConnection extends wrtc.RTCPeerConnection {
  override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    const sdp = description.sdp
      ?.replace(/^(m=audio \d+ \S+) 111\b/m, "$1 63 111")
      .replace(/^(?=a=rtpmap:111 )/m, RED_SDP);
    return super.setRemoteDescription({ ...description, ...(sdp !== undefined && { sdp }) });
  }
}

/** Frames that came twice: nothing was lost that the copies could have stood for. */
async function copies(caller: Caller): Promise<number> {
  const report = await caller.receive.getStats();
  const streams = [...report.values()].filter(({ type }) => type === "inbound-rtp");
  return streams.reduce((sum: number, { packetsDiscarded }) => sum + (packetsDiscarded ?? 0), 0);
}

test("redundant audio goes to who takes it, and the newest frames alone to who does not", { timeout: 60_000 }, async () => {
  const server = await Server.start({ RTC_P2P_MAX_PEERS: "0", RTC_ANNOUNCED_IP: "127.0.0.1" });
  const sound = tone();
  const callers: Caller[] = [];
  try {
    const room = await (await Person.register(server, "host")).createRoom();
    const enter = async (name: string): Promise<Caller> => {
      const caller = await Caller.enter(server, room.slug, name);
      callers.push(caller);
      return caller;
    };
    const plain = wrtc.RTCPeerConnection;
    Object.assign(globalThis, { RTCPeerConnection: RedPeerConnection });
    const ada = await enter("Ada");
    Object.assign(globalThis, { RTCPeerConnection: plain });
    const [bo, cy] = [await enter("Bo"), await enter("Cy")];

    ada.amend = (parameters) => ({ ...parameters, codecs: [RED, ...parameters.codecs] });
    const producer = await ada.produce("mic", sound.track);
    const redundant = await bo.consume(producer.id);
    const bare = await cy.consume(producer.id, ({ mimeType }) => mimeType !== RED.mimeType);
    assert.deepEqual(redundant.codecs, ["audio/red", "audio/opus"]);
    assert.deepEqual(bare.codecs, ["audio/opus"]);
    await flows("sound with copies", redundant.watch);
    await flows("sound without", bare.watch);
    await until("copies", async () => (await copies(bo)) > 50);
    assert.ok((await copies(cy)) < 10);
  } finally {
    for (const caller of callers) caller.close();
    sound.stop();
    await server.stop();
  }
});
