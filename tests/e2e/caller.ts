// One person at a page: what they do and what they see and hear, by data-testid and window.__call alone.
import { until } from "../support/poll.ts";
import type { Tab } from "./tab.ts";

export const PASSWORD = "correct horse battery";

/** What has come from one peer since its connection began. */
export type Received = { frames: number; screenFrames: number; audioEnergy: number; screenAudioEnergy: number };
const NOTHING: Received = { frames: 0, screenFrames: 0, audioEnergy: 0, screenAudioEnergy: 0 };

type Probe = {
  mode: string | null;
  peerId: string | null;
  peers: { peerId: string }[];
  getStats(): Promise<{ peerId: string; source: string; direction: string; report: Map<string, Stat> }[]>;
};
type Stat = { type: string; kind?: string; framesDecoded?: number; totalAudioEnergy?: number };
export type Seen = { text: string; data: Record<string, string> };

export class Caller<T extends Tab = Tab> {
  readonly tab: T;
  readonly name: string;
  readonly #url: string;

  constructor(tab: T, name: string, url: string) {
    this.tab = tab;
    this.name = name;
    this.#url = url;
  }

  get email(): string {
    return `${this.name}@example.org`;
  }

  async goto(path: string): Promise<void> {
    await this.tab.goto(this.#url + path);
  }

  async register(): Promise<void> {
    await this.goto("/register");
    await this.sees("email");
    await this.tab.fill("email", this.email);
    await this.tab.fill("username", this.name);
    await this.tab.fill("password", PASSWORD);
    await this.tab.fill("confirm-password", PASSWORD);
    await this.tab.click("submit");
    await this.isLoggedIn();
  }

  async login(password = PASSWORD): Promise<void> {
    await this.goto("/login");
    await this.sees("email");
    await this.tab.fill("email", this.email);
    await this.tab.fill("password", password);
    await this.tab.click("submit");
  }

  async isLoggedIn(): Promise<void> {
    await this.sees("profile-menu");
    await until(`${this.name} at the lobby`, async () => (await this.path()) === "/");
  }

  path(): Promise<string> {
    return this.tab.evaluate(() => location.pathname);
  }

  /** Creates a room from the lobby and gives its code; the page is then at its door. */
  async createRoom(title: string): Promise<string> {
    await this.goto("/");
    await this.sees("create-room");
    if (!(await this.isVisible("room-name"))) await this.tab.click("create-room");
    await this.tab.fill("room-name", title);
    await this.tab.click("create-room");
    await this.sees("join-call");
    return (await this.path()).replace("/room/", "");
  }

  /** From the lobby to the room's door, by its code. */
  async enterCode(code: string): Promise<void> {
    await this.goto("/");
    await this.sees("join-code");
    await this.tab.fill("join-code", code);
    await this.tab.click("join");
    await this.sees("join-call");
  }

  async joinCall(): Promise<void> {
    await this.tab.click("join-call");
    await this.isInCall();
  }

  async isInCall(deadlineMs = 20_000): Promise<string> {
    return until(`${this.name} in the call`, () => this.peerId(), deadlineMs);
  }

  peerId(): Promise<string | null> {
    return this.tab.evaluate(() => (window as unknown as { __call: Probe }).__call.peerId);
  }

  /** The visible elements with this data-testid. */
  all(testId: string): Promise<Seen[]> {
    return this.tab.evaluate((id) => {
      const found = [...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)];
      const visible = found.filter((element) => element.checkVisibility({ visibilityProperty: true }));
      return visible.map((element) => ({ text: element.innerText, data: { ...element.dataset } as Record<string, string> }));
    }, testId);
  }

  async isVisible(testId: string): Promise<boolean> {
    return (await this.all(testId)).length > 0;
  }

  /** Waits for a visible element with this data-testid whose text has `text` in it. */
  async sees(testId: string, text = "", deadlineMs = 15_000): Promise<Seen> {
    return until(
      `${this.name} to see ${testId} ${text}`,
      async () => {
        const all = await this.all(testId);
        return all.find((one) => one.text.includes(text)) ?? (all.length > 0 ? false : null);
      },
      deadlineMs,
    );
  }

  async seesNo(testId: string): Promise<void> {
    await until(`${this.name} to see no ${testId}`, async () => !(await this.isVisible(testId)));
  }

  /** Waits for the tile of a peer's camera or screen with these data attributes. */
  async seesTile(peerId: string, source: "camera" | "screen", data: Record<string, string> = {}): Promise<void> {
    const wanted = { peerId, source, ...data };
    await until(`${this.name} to see the ${source} of ${peerId} ${JSON.stringify(data)}`, async () =>
      (await this.all("tile")).some((tile) =>
        Object.entries(wanted).every(([name, value]) => tile.data[name] === value),
      ),
    );
  }

  async seesNoTile(peerId: string, source: "camera" | "screen", deadlineMs = 15_000): Promise<void> {
    await until(
      `${this.name} to see no ${source} of ${peerId}`,
      async () => !(await this.all("tile")).some((tile) => tile.data["peerId"] === peerId && tile.data["source"] === source),
      deadlineMs,
    );
  }

  async received(): Promise<Record<string, Received>> {
    return this.tab.evaluate(async (nothing) => {
      const byPeer: Record<string, Received> = {};
      const probe = (window as unknown as { __call: Probe }).__call;
      for (const { peerId, source, direction, report } of await probe.getStats()) {
        if (direction !== "recv") continue;
        byPeer[peerId] ??= { ...nothing };
        for (const stat of report.values()) {
          if (stat.type !== "inbound-rtp") continue;
          if (source === "camera") byPeer[peerId].frames += stat.framesDecoded ?? 0;
          if (source === "screen") byPeer[peerId].screenFrames += stat.framesDecoded ?? 0;
          if (source === "mic") byPeer[peerId].audioEnergy += stat.totalAudioEnergy ?? 0;
          if (source === "screen-audio") byPeer[peerId].screenAudioEnergy += stat.totalAudioEnergy ?? 0;
        }
      }
      return byPeer;
    }, NOTHING);
  }

  /** Waits until everything in `what` has grown, from this peer, since the call of this function. */
  async receives(peerId: string, what: readonly (keyof Received)[], deadlineMs = 40_000): Promise<void> {
    const before = (await this.received())[peerId] ?? NOTHING;
    await until(
      `${this.name} to get more ${what.join(" and ")} from ${peerId} than ${JSON.stringify(before)}`,
      async () => {
        const now = (await this.received())[peerId] ?? NOTHING;
        return what.every((each) => now[each] > before[each]);
      },
      deadlineMs,
    );
  }

  /** Waits until frames and sound of this peer arrive, and go on arriving. */
  async seesAndHears(peerId: string, deadlineMs = 60_000): Promise<void> {
    await this.receives(peerId, ["frames", "audioEnergy"], deadlineMs);
    await this.receives(peerId, ["frames", "audioEnergy"], deadlineMs);
  }

  async openChat(): Promise<void> {
    if (!(await this.isVisible("chat-input"))) await this.tab.click("chat-toggle");
    await this.sees("chat-input");
  }

  async says(text: string): Promise<void> {
    await this.openChat();
    await this.tab.fill("chat-input", text);
    await this.tab.click("chat-send");
    await this.sees("chat-message", text);
  }
}
