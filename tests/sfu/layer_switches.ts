// What a simulcast must do wherever sender and receiver are: follow the wish, tell of it, and end what nobody wishes for.
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { until } from "../support/poll.ts";
import { type Caller, flows } from "./caller.ts";

/** `track`, 640 × 360, is sent as three encodings, of which the receiver wishes for one after another. */
export async function switchesLayers(sender: Caller, receiver: Caller, track: MediaStreamTrack): Promise<void> {
  const encodings = [4, 2, 1].map((scaleResolutionDownBy) => ({ scaleResolutionDownBy, maxBitrate: 1_000_000 }));
  const producer = await sender.produce("camera", track, { encodings, codecOptions: { videoGoogleStartBitrate: 3000 } });
  const consumer = await receiver.consume(producer.id);
  assert.equal(consumer.type, "simulcast");
  for (const [spatialLayer, width] of [[0, 160], [1, 320], [0, 160]] as const) {
    await receiver.ask("sfu:set-preferred-layers", { consumerId: consumer.id, spatialLayer });
    await until(`a picture ${width} wide`, () => consumer.watch.width === width, 30_000);
    await flows(`layer ${spatialLayer}`, consumer.watch);
    await until(`word of layer ${spatialLayer}`, () => {
      const told = receiver.line.payloads("sfu:layers-changed").at(-1);
      return told?.["consumerId"] === consumer.id && told["spatialLayer"] === spatialLayer;
    });
  }
  assert.equal((await sender.stats()).producers[0]?.encodings.length, 3);

  const isTold = (active: readonly boolean[]): boolean => {
    const wanted = { producerId: producer.id, encodings: active.map((one, i) => ({ rid: `r${i}`, active: one })) };
    return isDeepStrictEqual(sender.line.payloads("sfu:set-encodings").at(-1), wanted);
  };
  await until("word that the better ones need not be sent", () => isTold([true, false, false]));
  await receiver.ask("sfu:set-preferred-layers", { consumerId: consumer.id, spatialLayer: 2 });
  await until("word that they are wished for again", () => isTold([true, true, true]));
}
