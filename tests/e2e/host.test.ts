// What a host does in the page: lets people in or not, mutes, removes, hands over and ends; through
// the SFU and peer to peer.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Line } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";
import { Caller } from "./caller.ts";
import { Chromium, type ChromiumTab } from "./chromium.ts";
import { SMALL_CAMERA } from "./tab.ts";

type Person = Caller<ChromiumTab>;

const button = (one: Person, name: string) => one.tab.page.getByRole("button", { name, exact: true });
const menuItem = (one: Person, name: string) => one.tab.page.getByRole("menuitem", { name, exact: true });

/** Opens what a host may do with this one. */
async function openMenu(host: Person, peerId: string): Promise<void> {
  if (!(await host.isVisible("participant"))) await host.tab.click("participants-toggle");
  await host.tab.page.locator(`[data-peer-id="${peerId}"] [data-testid="peer-menu"]`).click();
}

async function switchSetting(host: Person, label: string, checked: boolean): Promise<void> {
  await host.tab.click("settings");
  await host.tab.page.getByRole("tab", { name: "Meeting" }).click();
  const toggle = host.tab.page.getByRole("switch", { name: label });
  if ((await toggle.isChecked()) !== checked) await toggle.click();
  await until(label, async () => (await toggle.isChecked()) === checked); // by the server's word
  await host.tab.press("Escape");
}

/** The hands that are up in the order of the tiles, as `number name`. */
async function hands(one: Person): Promise<string[]> {
  return (await one.all("tile")).flatMap(({ text }) => {
    const [, order, name] = /Hand raised, number\s*(\d)\s+(\S+)/.exec(text) ?? [];
    return order === undefined ? [] : [`${order} ${name}`];
  });
}

for (const [mode, most] of [["sfu", "0"], ["p2p", "10"]] as const) {
  describe(`a host in a room that calls ${mode}`, { timeout: 300_000 }, () => {
    let server: Server;
    let chromium: Chromium;
    let ada: Person;
    let bob: Person;
    let dan: Line;
    let code: string;
    let ids: { ada: string; bob: string };

    const open = async (name: string): Promise<Person> => {
      const one = new Caller(await chromium.open({ size: { width: 1000, height: 700 } }), name, server.url);
      await one.tab.limitCamera(SMALL_CAMERA);
      return one;
    };
    const knock = async (one: Person) => {
      await one.goto(`/room/${code}`);
      await one.tab.click("join-call");
      await one.sees("lobby-waiting");
    };

    before(async () => {
      server = await Server.start({ RTC_P2P_MAX_PEERS: most });
      chromium = await Chromium.launch();
      ada = await open("ada");
      bob = await open("bob");
      await ada.register();
      await bob.register();
      code = await ada.createRoom("Hosted");
      await ada.joinCall();
      ids = { ada: await ada.isInCall(), bob: "" };
    });
    after(async () => {
      dan?.close();
      await chromium?.close();
      await server?.stop();
    });

    test("a guest knocks and is not let in", async () => {
      await switchSetting(ada, "Ask before coming in", true);
      const cleo = await open("cleo");
      await cleo.goto(`/room/${code}`);
      await cleo.sees("guest-name");
      await cleo.tab.fill("guest-name", "cleo");
      await cleo.tab.click("join-call");
      await cleo.sees("lobby-waiting");
      await until("the name of who knocks", () => button(ada, "Deny cleo").isVisible());
      await ada.tab.click("deny");
      await cleo.sees("room-error", "not let in");
      await ada.seesNo("admit");
      await cleo.tab.close();
    });

    test("one with an account knocks, is let in, and they see and hear each other", async () => {
      await knock(bob);
      await ada.tab.click("admit");
      ids.bob = await bob.isInCall();
      await ada.sees("call-mode", mode);
      await Promise.all([ada.seesAndHears(ids.bob), bob.seesAndHears(ids.ada)]);
      assert.equal(await bob.isVisible("admit"), false);
    });

    test("hands are numbered in the order in which they went up, and reactions are seen", async () => {
      dan = await Line.open(server, { auth: { guestName: "dan" } });
      await dan.call("join:room", { roomCode: code });
      await ada.tab.click("admit");
      await until("dan in the room", () => dan.payloads("room:joined")[0]);
      await dan.call("peer:update", { handRaised: true });
      await until("dan's hand", async () => (await hands(ada)).join() === "1 dan");
      await bob.tab.click("raise-hand");
      await until("both hands", async () => (await hands(ada)).join() === "1 dan,2 bob");
      await dan.call("peer:update", { handRaised: false });
      await until("bob's hand first", async () => (await hands(ada)).join() === "1 bob");
      await bob.tab.click("raise-hand");
      await until("no hand", async () => (await hands(ada)).length === 0);
      await bob.tab.click("reactions-toggle");
      await bob.tab.click("reaction");
      await until("bob's reaction on his tile", async () =>
        (await ada.all("tile")).some(({ text, data }) => data["peerId"] === ids.bob && text.includes("👍")));
      await until("dan to be told", () => dan.payloads("peer:reaction")[0]);
      await bob.tab.press("Escape");
    });

    test("who is muted is told, and may speak again", async () => {
      await openMenu(ada, ids.bob);
      await Promise.all([
        bob.sees("toast", "The host turned off your microphone"), // which goes by itself
        ada.tab.click("mute-peer").then(() => ada.seesTile(ids.bob, "camera", { audio: "false" })),
      ]);
      await until("silence of bob", async () => {
        const before = (await ada.received())[ids.bob]?.audioEnergy ?? 0;
        await ada.says(`hush ${performance.now()}`); // a round trip's worth of time
        return ((await ada.received())[ids.bob]?.audioEnergy ?? 0) - before < 1e-7;
      });
      await bob.tab.click("mic-toggle");
      await ada.seesAndHears(ids.bob);
    });

    if (mode === "p2p") {
      test("the host has the call go through the server, and back", async () => {
        for (const [through, now] of [[true, "sfu"], [false, "p2p"]] as const) {
          await switchSetting(ada, "Call through the server", through);
          for (const one of [ada, bob]) await one.sees("call-mode", now);
          await Promise.all([ada.seesAndHears(ids.bob), bob.seesAndHears(ids.ada)]);
        }
      });
    }

    test("a host who reloads is still host, and nobody stands in any more", async () => {
      await ada.tab.reload();
      await bob.seesNoTile(ids.ada, "camera");
      await bob.tab.click("participants-toggle");
      await bob.sees("peer-menu");
      await ada.tab.click("join-call");
      ids.ada = await ada.isInCall();
      await bob.seesNo("peer-menu");
      await Promise.all([ada.seesAndHears(ids.bob), bob.seesAndHears(ids.ada)]);
      await openMenu(ada, ids.bob);
      await ada.tab.press("Escape");
    });

    test("who is removed is gone for all", async () => {
      const { id } = dan.socket;
      assert.ok(id);
      await openMenu(ada, id);
      await ada.tab.click("remove-peer");
      await until("dan's end", () => dan.payloads("room:closed")[0]?.["reason"] === "removed");
      for (const one of [ada, bob]) await one.seesNoTile(id, "camera");
    });

    test("the new host can remove the old one, who knocks and comes back", async () => {
      await openMenu(ada, ids.bob);
      await Promise.all([bob.sees("toast", "You are the host now"), menuItem(ada, "Make host").click()]);
      await ada.seesNo("peer-menu");
      await openMenu(bob, ids.ada);
      await bob.tab.click("remove-peer");
      await ada.sees("rejoin");
      assert.match(await ada.tab.evaluate(() => document.body.innerText), /removed from the meeting/);
      await ada.tab.click("rejoin");
      await bob.tab.click("admit");
      ids.ada = await ada.isInCall();
      await Promise.all([ada.seesAndHears(ids.bob), bob.seesAndHears(ids.ada)]);
    });

    test("the host ends the meeting for everyone", async () => {
      await bob.tab.click("leave");
      await bob.tab.click("end-call");
      for (const one of [ada, bob]) {
        await one.sees("rejoin");
        assert.match(await one.tab.evaluate(() => document.body.innerText), /The meeting has ended/);
      }
    });
  });
}
