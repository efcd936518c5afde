// Debian's Chromium, driven by Playwright, with a fake camera (a counting dial), a fake microphone
// (a beep a second) and a fake screen.
import { type Browser, type BrowserContext, type Page, chromium } from "playwright-core";
import { expressionOf, limitGetUserMedia, type Size, type SMALL_CAMERA, type Tab } from "./tab.ts";

export const EXECUTABLE = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const FLAGS = [
  "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream=display-media-type=monitor",
  "--allow-loopback-in-peer-connection",
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];

/** A page that codes several pictures on a busy machine takes its time to hear a click. */
const ACTION_MS = 40_000;

export type ChromiumOptions = {
  /** Which media permissions are given; the others are refused. */
  readonly permissions?: readonly ("camera" | "microphone")[];
  readonly size?: Size;
  /** Device pixels of a CSS pixel: with fewer a picture without a graphics card costs less. */
  readonly scale?: number;
  readonly colorScheme?: "dark" | "light";
};

export type LaunchOptions = {
  readonly flags?: readonly string[];
  readonly replaceFlags?: boolean;
  /** In the place of Debian's program. */
  readonly executable?: string;
  /** The folder of the person's own files, where the authorities are that they trust. */
  readonly home?: string;
};

export class Chromium {
  readonly #browser: Browser;
  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** One process; each `open` is a person of their own, with cookies of their own. */
  static async launch(options: LaunchOptions = {}): Promise<Chromium> {
    const flags = options.replaceFlags ? [] : FLAGS;
    const browser = await chromium.launch({
      executablePath: options.executable ?? EXECUTABLE,
      headless: true,
      env: { ...process.env, ...(options.home !== undefined && { HOME: options.home }) },
      args: [...flags, ...(options.flags ?? [])],
      ignoreDefaultArgs: ["--mute-audio"],
    });
    return new Chromium(browser);
  }

  async open(options: ChromiumOptions = {}): Promise<ChromiumTab> {
    const context = await this.#browser.newContext({
      viewport: options.size ?? { width: 1280, height: 800 },
      deviceScaleFactor: options.scale ?? 1,
      colorScheme: options.colorScheme ?? "dark",
      permissions: [...(options.permissions ?? ["camera", "microphone"])],
    });
    return new ChromiumTab(context, await context.newPage());
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

export class ChromiumTab implements Tab {
  readonly name = "chromium";
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of scripts and of the console since the tab was opened. */
  readonly errors: string[] = [];

  constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      // The browser's own line for a guest who asks who they are: no error of the page.
      const refused = /^Failed to load resource: .* 401 /.test(message.text());
      if (message.type() === "error" && !refused) this.errors.push(message.text());
    });
  }

  async limitCamera(limits: typeof SMALL_CAMERA): Promise<void> {
    await this.context.addInitScript(limitGetUserMedia, limits);
  }

  async goto(url: string): Promise<void> {
    await this.page.goto(url);
  }
  async reload(): Promise<void> {
    await this.page.reload();
  }
  async evaluate<A extends readonly unknown[], R>(
    run: (...args: A) => R | Promise<R>,
    ...args: A
  ): Promise<R> {
    const text = await this.page.evaluate<string>(expressionOf(run, args));
    return JSON.parse(text) as R;
  }
  async click(testId: string): Promise<void> {
    await this.page.locator(`[data-testid="${testId}"]:visible`).first().click({ timeout: ACTION_MS });
  }
  async fill(testId: string, text: string): Promise<void> {
    await this.page.locator(`[data-testid="${testId}"]:visible`).first().fill(text, { timeout: ACTION_MS });
  }
  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
  }
  async resize(size: Size): Promise<void> {
    await this.page.setViewportSize(size);
  }
  async screenshot(): Promise<Buffer> {
    return this.page.screenshot();
  }
  async close(): Promise<void> {
    await this.page.close({ runBeforeUnload: false });
    await this.context.close();
  }
}
