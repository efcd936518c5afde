// mediasoup-client's device for this browser, made quick to join with: what the browser can is asked
// for once a page, ahead of the call, and nothing is negotiated that this server has no use for.
import { Device, detectDeviceAsync, type types } from "mediasoup-client";
import { Chrome74 } from "mediasoup-client/handlers/Chrome74";
import { Chrome111 } from "mediasoup-client/handlers/Chrome111";
import { Firefox120 } from "mediasoup-client/handlers/Firefox120";
import { Safari12 } from "mediasoup-client/handlers/Safari12";

type Factory = types.HandlerFactory;

const handlers = new Map<string, { createFactory(options: object): Factory }>(
  Object.entries({ Chrome74, Chrome111, Firefox120, Safari12 }),
);
let quick: Factory | undefined;

/** @throws mediasoup-client's UnsupportedError */
export async function createDevice(): Promise<types.Device> {
  if (quick === undefined) {
    const name = await detectDeviceAsync();
    const stock = handlers.get(name ?? "")?.createFactory({});
    if (stock === undefined) return Device.factory(); // it tells what it misses
    quick ??= quicken(stock);
  }
  return new Device({ handlerFactory: quick });
}

/** Asks at once what the browser can, and remembers it. */
export function quicken(stock: Factory): Factory {
  const known = new Map<string, Promise<types.RtpCapabilities>>();
  const getNativeRtpCapabilities: Factory["getNativeRtpCapabilities"] = (asked) => {
    const found = known.get(asked.direction) ?? stock.getNativeRtpCapabilities(asked);
    known.set(asked.direction, found);
    found.catch(() => known.delete(asked.direction)); // the next one asks again
    return found;
  };
  for (const direction of ["recvonly", "sendonly"] as const) {
    getNativeRtpCapabilities({ direction }).catch(() => {});
  }
  return { ...stock, getNativeRtpCapabilities, factory: (options) => lean(stock.factory(options)) };
}

/**
 * With the first picture mediasoup-client negotiates a further stream, by which its own server probes
 * for bandwidth. Ours probes by retransmissions, and that negotiation would delay the picture.
 */
function lean(handler: ReturnType<Factory["factory"]>) {
  const receive = handler.receive.bind(handler);
  handler.receive = async (list) =>
    list.every(({ trackId }) => trackId === "probator") ? [] : receive(list);
  return handler;
}
