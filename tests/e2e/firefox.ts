// Debian's Firefox ESR, driven over WebDriver BiDi (Playwright cannot drive it), with a fake camera
// and microphone and a profile of its own.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Server } from "node:net";
import type { Authority } from "../support/authority.ts";
import type { Host } from "../support/network.ts";
import { until } from "../support/poll.ts";
import { Child } from "../support/process.ts";
import { Bidi } from "./bidi.ts";
import { expressionOf, limitGetUserMedia, type Size, type SMALL_CAMERA, type Tab } from "./tab.ts";

const EXECUTABLE = process.env["FIREFOX"] ?? "/usr/bin/firefox-esr";

const PREFERENCES: Readonly<Record<string, boolean | number | string>> = {
  "media.navigator.streams.fake": true, // a colour field and a 1 kHz tone
  "media.navigator.permission.disabled": true,
  "media.peerconnection.ice.loopback": true,
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  "media.autoplay.default": 0,
  "media.devices.unfocused.enabled": true, // else devices are listed in one window at a time
  "media.gmp-manager.updateEnabled": false,
  // No traffic but ours.
  "app.normandy.enabled": false,
  "app.update.auto": false,
  "browser.safebrowsing.downloads.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "browser.startup.page": 0,
  "layout.frame_rate": 20, // drawing without a graphics card would take the cores from the call
  "captivedetect.canonicalURL": "",
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "http://127.0.0.1:9/",
  "toolkit.telemetry.enabled": false,
  "toolkit.telemetry.server": "http://127.0.0.1:9/",
};

const KEYS = { Enter: "\uE007", Escape: "\uE00C", Tab: "\uE004" } as const;
const CONTROL = "\uE009";
const DELETE = "\uE017";

export type LaunchOptions = {
  readonly preferences?: Readonly<Record<string, boolean | number | string>>;
  /** In the place of this machine. */
  readonly host?: Host;
  /** The authority that this person trusts beside the usual ones. */
  readonly authority?: Authority;
};

export class Firefox {
  readonly #child: Child;
  readonly #profile: string;
  readonly #bidi: Bidi;
  readonly #door: Server | undefined;

  private constructor(child: Child, profile: string, bidi: Bidi, door: Server | undefined) {
    this.#child = child;
    this.#profile = profile;
    this.#bidi = bidi;
    this.#door = door;
  }

  static async launch({ preferences = {}, host, authority }: LaunchOptions = {}): Promise<Firefox> {
    const profile = await mkdtemp(join(tmpdir(), "firefox-"));
    const lines = Object.entries({ ...PREFERENCES, ...preferences }).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
    );
    await writeFile(join(profile, "user.js"), `${lines.join("\n")}\n`);
    await authority?.trustIn(profile);
    const [command = EXECUTABLE, ...launcher] = [...(host?.launcher ?? []), EXECUTABLE];
    const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0", "about:blank"];
    const env = { PATH: process.env["PATH"], HOME: profile };
    const child = new Child(command, [...launcher, ...args], env);
    const url = await child.line("Firefox's address", readAddress, 60_000);
    const door = await host?.open(Number(new URL(url).port));
    return new Firefox(child, profile, await Bidi.connect(url), door);
  }

  /** A window of its own, with cookies of its own. */
  async open(size: Size = { width: 1280, height: 800 }): Promise<FirefoxTab> {
    const { userContext } = await this.#bidi.send<{ userContext: string }>("browser.createUserContext", {});
    const { context } = await this.#bidi.send<{ context: string }>("browsingContext.create", {
      type: "window",
      userContext,
    });
    const tab = new FirefoxTab(this.#bidi, context);
    await tab.resize(size);
    return tab;
  }

  async close(): Promise<void> {
    await this.#bidi.send("browser.close", {}).catch(() => undefined);
    this.#bidi.close();
    this.#door?.close();
    await this.#child.stop();
    await rm(this.#profile, { recursive: true, force: true });
  }
}

function readAddress(line: string): string | null {
  return /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(line)?.[1] ?? null;
}

type Evaluated =
  | { type: "success"; result: { type: "string"; value: string } }
  | { type: "exception"; exceptionDetails: { text: string } };

export class FirefoxTab implements Tab {
  readonly name = "firefox";
  readonly #bidi: Bidi;
  readonly #context: string;

  constructor(bidi: Bidi, context: string) {
    this.#bidi = bidi;
    this.#context = context;
  }

  async limitCamera(limits: typeof SMALL_CAMERA): Promise<void> {
    await this.#bidi.send("script.addPreloadScript", {
      functionDeclaration: `() => (${limitGetUserMedia.toString()})(${JSON.stringify(limits)})`,
      contexts: [this.#context],
    });
  }

  async goto(url: string): Promise<void> {
    await this.#bidi.send("browsingContext.navigate", { context: this.#context, url, wait: "complete" });
  }
  async reload(): Promise<void> {
    await this.#bidi.send("browsingContext.reload", { context: this.#context, wait: "complete" });
  }

  async evaluate<A extends readonly unknown[], R>(
    run: (...args: A) => R | Promise<R>,
    ...args: A
  ): Promise<R> {
    const answer = await this.#bidi.send<Evaluated>("script.evaluate", {
      expression: expressionOf(run, args),
      target: { context: this.#context },
      awaitPromise: true,
    });
    if (answer.type === "exception") throw new Error(answer.exceptionDetails.text);
    return JSON.parse(answer.result.value) as R;
  }

  async click(testId: string): Promise<void> {
    const { x, y } = await until(`${testId} to be there to click`, () => this.evaluate(centreOf, testId), 10_000);
    await this.#perform({
      type: "pointer",
      id: "mouse",
      actions: [
        { type: "pointerMove", x: Math.round(x), y: Math.round(y) },
        { type: "pointerDown", button: 0 },
        { type: "pointerUp", button: 0 },
      ],
    });
  }

  async fill(testId: string, text: string): Promise<void> {
    await this.click(testId);
    const keys = [...text].flatMap((key) => stroke(key));
    const empty = [down(CONTROL), ...stroke("a"), up(CONTROL), ...stroke(DELETE)];
    await this.#perform({ type: "key", id: "keyboard", actions: [...empty, ...keys] });
  }

  async press(key: keyof typeof KEYS): Promise<void> {
    await this.#perform({ type: "key", id: "keyboard", actions: stroke(KEYS[key]) });
  }

  async resize(size: Size): Promise<void> {
    await this.#bidi.send("browsingContext.setViewport", { context: this.#context, viewport: size });
  }

  async screenshot(): Promise<Buffer> {
    const { data } = await this.#bidi.send<{ data: string }>("browsingContext.captureScreenshot", {
      context: this.#context,
    });
    return Buffer.from(data, "base64");
  }

  /** As a person closes it: the page is told before (`beforeunload`), which is not so by default. */
  async close(): Promise<void> {
    await this.#bidi.send("browsingContext.close", { context: this.#context, promptUnload: true });
  }

  async #perform(source: object): Promise<void> {
    await this.#bidi.send("input.performActions", { context: this.#context, actions: [source] });
  }
}

const down = (value: string) => ({ type: "keyDown", value });
const up = (value: string) => ({ type: "keyUp", value });
const stroke = (value: string) => [down(value), up(value)];

/** Runs in the page: the middle of the visible, enabled element, when nothing covers it; else null. */
function centreOf(testId: string): { x: number; y: number } | null {
  for (const element of document.querySelectorAll(`[data-testid="${testId}"]`)) {
    element.scrollIntoView({ block: "center", inline: "center" });
    const box = element.getBoundingClientRect();
    if (box.width === 0 || box.height === 0 || element.matches(":disabled")) continue;
    const x = box.x + box.width / 2;
    const y = box.y + box.height / 2;
    const top = document.elementFromPoint(x, y);
    if (top !== null && (element.contains(top) || top.contains(element))) return { x, y };
  }
  return null;
}
