// One call by two servers: each browser is connected to its own, and neither person notices.
import { test } from "node:test";
import { Cluster } from "../support/cluster.ts";
import { until } from "../support/poll.ts";
import type { Server } from "../support/server.ts";
import { Caller } from "./caller.ts";
import { Chromium } from "./chromium.ts";
import { SMALL_CAMERA } from "./tab.ts";

test("two people at two servers, peer to peer and through the SFU", { timeout: 240_000 }, async (t) => {
  const cluster = await Cluster.start(2);
  const chromium = await Chromium.launch();
  t.after(async () => {
    await chromium.close();
    await cluster.stop();
  });
  const person = async (name: string, server: Server): Promise<Caller> => {
    const one = new Caller(await chromium.open(), name, server.url);
    await one.tab.limitCamera(SMALL_CAMERA);
    return one;
  };
  const [home, edge] = cluster.servers as [Server, Server];
  const [ada, bob, cy] = [await person("ada", home), await person("bob", edge), await person("cy", edge)];
  let code = "";

  await t.test("they see, hear and read each other peer to peer", async () => {
    await ada.register();
    code = await ada.createRoom("Both houses");
    await ada.joinCall();
    await bob.comeAsGuest(code);
    await bob.joinCall();
    const [adaId, bobId] = [await ada.isInCall(), await bob.isInCall()];
    await Promise.all([ada.seesAndHears(bobId), bob.seesAndHears(adaId)]);
    await bob.sees("call-mode", "p2p");
    await bob.openChat();
    await bob.says("hello from the other house");
    await ada.sees("chat-toggle", "1");
  });

  await t.test("a third moves the call to the media port of the room's server", async () => {
    await cy.comeAsGuest(code);
    await cy.joinCall();
    const everyone = [ada, bob, cy];
    const ids = await Promise.all(everyone.map((one) => one.isInCall()));
    await Promise.all(everyone.map((one, i) => one.seesAndHears(ids.filter((_, other) => other !== i))));
    for (const one of everyone) await one.sees("call-mode", "sfu");
  });

  await t.test("their server stops: who was there comes back by another, and the call goes on", async () => {
    await home.kill("SIGTERM");
    await until("bob and cy to be back at what is left", async () => {
      const [bobId, cyId] = [await bob.isInCall(), await cy.isInCall()];
      await Promise.all([bob.seesAndHears(cyId, 10_000), cy.seesAndHears(bobId, 10_000)]);
      return true;
    }, 60_000);
    await bob.sees("chat-message", "hello from the other house");
  });
});
