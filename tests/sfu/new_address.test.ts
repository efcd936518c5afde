// A client whose address changes under way: media follows as soon as the new address has answered the server, and not before.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Nat } from "../support/nat.ts";
import { Person } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { freePort } from "../support/ports.ts";
import { Server } from "../support/server.ts";
import { Caller, flows } from "./caller.ts";
import { picture } from "./tracks.ts";

const BEHIND_NAT = "127.0.0.2";
/** Octets that an address gets beyond what came from it before it has answered: four checks of the server. */
const GRACE = 112;

test("media follows to a new address once that has answered", { timeout: 120_000 }, async (t) => {
  const port = await freePort();
  const server = await Server.start({
    RTC_P2P_MAX_PEERS: "0",
    RTC_WORKERS: "1",
    RTC_LISTEN_IP: "127.0.0.1",
    RTC_ANNOUNCED_IP: BEHIND_NAT,
    RTC_PORT: `${port}`,
  });
  t.after(() => server.stop());
  const nat = await Nat.open(BEHIND_NAT, port, "127.0.0.1");
  t.after(() => nat.close());
  const room = await (await Person.register(server, "host")).createRoom();
  const ada = await Caller.enter(server, room.slug, "Ada");
  t.after(() => ada.close());
  const bo = await Caller.enter(server, room.slug, "Bo");
  t.after(() => bo.close());
  const source = picture(320, 180);
  t.after(() => source.stop());
  await ada.produce("camera", source.track);
  const { watch } = await bo.consume((await bo.announced("camera")).producerId);
  await flows("the camera", watch);

  nat.rebind();
  await until("media at the new address", () => nat.received > 50_000, 30_000);
  await flows("the camera at the new address", watch);

  // Whoever forges the address of another cannot answer for it.
  nat.hidesAnswers = true;
  nat.rebind();
  await until("checks from the address that does not answer", () => nat.checked > 1000, 60_000);
  assert.ok(nat.received <= nat.checked + 8 * GRACE, `${nat.received} octets out for ${nat.checked} in`);
  nat.hidesAnswers = false;
  await flows("the camera once the address answers", watch);
});
