// Each browser's address changes during a call through the SFU: the call goes on from the new one.
import { after, before, describe, test } from "node:test";
import { Nat, outsideAddress } from "../support/nat.ts";
import { until } from "../support/poll.ts";
import { freePort } from "../support/ports.ts";
import { Server } from "../support/server.ts";
import { Caller } from "./caller.ts";
import { Chromium } from "./chromium.ts";
import { Firefox } from "./firefox.ts";
import { SMALL_CAMERA } from "./tab.ts";

describe("a call of browsers behind a NAT", { timeout: 300_000 }, () => {
  let server: Server;
  let nat: Nat;
  let chromium: Chromium;
  let firefox: Firefox;
  let ada: Caller;
  let bob: Caller;
  let ids: readonly [string, string];

  before(async () => {
    const port = await freePort();
    const outside = outsideAddress();
    server = await Server.start({
      RTC_P2P_MAX_PEERS: "0",
      RTC_WORKERS: "1",
      RTC_LISTEN_IP: "127.0.0.1",
      RTC_ANNOUNCED_IP: outside,
      RTC_PORT: `${port}`,
    });
    nat = await Nat.open(outside, port, "127.0.0.1");
    [chromium, firefox] = await Promise.all([Chromium.launch(), Firefox.launch()]);
    ada = new Caller(await chromium.open(), "ada", server.url);
    bob = new Caller(await firefox.open(), "bob", server.url);
    for (const one of [ada, bob]) await one.tab.limitCamera(SMALL_CAMERA);
    await ada.register();
    const code = await ada.createRoom("Moving");
    await ada.joinCall();
    await bob.comeAsGuest(code);
    await bob.joinCall();
    ids = [await ada.isInCall(), await bob.isInCall()];
    await ada.seesAndHears([ids[1]]);
    await bob.seesAndHears([ids[0]]);
  });
  after(async () => {
    await Promise.all([chromium?.close(), firefox?.close()]);
    nat?.close();
    await server?.stop();
  });

  for (const name of ["once", "twice"]) {
    test(`goes on when their addresses have changed ${name}`, async () => {
      nat.rebind();
      await until("media at the new addresses", () => nat.received > 200_000, 40_000);
      // A browser that does not nominate its new address is followed when the consent of the old one ends, after 30 s.
      await Promise.all([
        ada.receives(ids[1], ["frames", "audioEnergy"], 90_000),
        bob.receives(ids[0], ["frames", "audioEnergy"], 90_000),
      ]);
    });
  }
});
