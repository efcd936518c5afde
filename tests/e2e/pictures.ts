// Takes the README's pictures of the real page: node tests/e2e/pictures.ts <folder>
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";
import { Caller } from "./caller.ts";
import { Chromium, type ChromiumTab } from "./chromium.ts";

const folder = process.argv[2] ?? "docs/images";
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const THEMES = ["dark", "light"] as const;

async function take(tab: ChromiumTab, name: string): Promise<void> {
  for (const theme of THEMES) {
    await tab.page.mouse.move(1, 1);
    await tab.evaluate((name) => void (document.documentElement.dataset["theme"] = name), theme);
    const picture = await tab.page.screenshot({ type: "jpeg", quality: 72, animations: "disabled" });
    await writeFile(join(folder, `${name}-${theme}.jpg`), picture);
  }
}

/** Runs before the page's scripts: a camera that shows somebody instead of Chromium's test pattern. */
function drawSomebody(hue: number): void {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
  const draw = () => {
    const paint = canvas.getContext("2d");
    if (paint === null) return;
    const wall = paint.createLinearGradient(0, 0, 1280, 720);
    wall.addColorStop(0, `hsl(${hue} 30% 72%)`);
    wall.addColorStop(1, `hsl(${hue + 40} 35% 45%)`);
    paint.fillStyle = wall;
    paint.fillRect(0, 0, 1280, 720);
    const sway = 8 * Math.sin(performance.now() / 700);
    paint.fillStyle = `hsl(${hue + 180} 30% 30%)`;
    paint.beginPath();
    paint.ellipse(640 + sway / 2, 760, 300, 250, 0, 0, 7);
    paint.fill();
    paint.fillStyle = "hsl(25 45% 70%)";
    paint.beginPath();
    paint.ellipse(640 + sway, 360, 125, 160, 0, 0, 7);
    paint.fill();
    paint.fillStyle = "hsl(20 40% 22%)";
    paint.beginPath();
    paint.ellipse(640 + sway, 285, 140, 105, 0, 3.1, 6.3);
    paint.fill();
  };
  draw();
  setInterval(draw, 50);
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (asked = {}) => (asked.video ? canvas.captureStream(20) : open(asked));
}

const server = await Server.start();
const chromium = await Chromium.launch();
try {
  const [one, other] = [await chromium.open({ size: DESKTOP }), await chromium.open({ size: DESKTOP })];
  await one.context.addInitScript(drawSomebody, 200);
  await other.context.addInitScript(drawSomebody, 20);
  const [ada, grace] = [new Caller(one, "ada", server.url), new Caller(other, "grace", server.url)];
  await ada.goto("/login");
  await ada.sees("email");
  await take(one, "login");
  await ada.register();
  await grace.register();
  const code = await ada.createRoom("Design review");
  await ada.sees("preview");
  await until("the preview", () =>
    one.evaluate(() => (document.querySelector<HTMLVideoElement>('[data-testid="preview"] video')?.currentTime ?? 0) > 0.5));
  await take(one, "door");
  await ada.joinCall();
  await grace.enterCode(code);
  await grace.joinCall();
  await ada.seesAndHears(await grace.isInCall());
  await take(one, "call");
  await grace.says("Shall we look at the new layout?");
  await ada.says("Yes, I share my screen.");
  await take(one, "chat");
  await one.click("chat-toggle");
  await ada.seesNo("chat-input");
  await one.resize(PHONE);
  await ada.seesNo("toast");
  await take(one, "call-phone");
  await one.resize(DESKTOP);
  await grace.tab.click("screen-toggle");
  await ada.seesTile(await grace.isInCall(), "screen");
  await ada.receives(await grace.isInCall(), ["screenFrames"]);
  await take(one, "share");
  await ada.tab.click("leave");
  await ada.tab.click("leave-confirm");
  await ada.sees("rejoin");
  await take(one, "after");
  await ada.goto("/");
  await ada.sees("create-room");
  await take(one, "lobby");
  await one.resize(PHONE);
  await take(one, "lobby-phone");
  await one.resize(DESKTOP);
  await ada.goto("/room/zzz-zzzz-zzz");
  await ada.sees("room-error");
  await take(one, "not-found");
} finally {
  await chromium.close();
  await server.stop();
}
