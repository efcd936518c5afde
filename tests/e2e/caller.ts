// One person at a page: what they do and what they see and hear, by data-testid and window.__call alone.
import { until } from "../support/poll.ts";
import type { Tab } from "./tab.ts";

export const PASSWORD = "correct horse battery";

/** Reading statistics costs a page time that it needs for its call. */
const STATS_INTERVAL_MS = 200;

/** What has come from one peer since its connection began. */
export type Received = {
  frames: number;
  screenFrames: number;
  audioEnergy: number;
  screenAudioEnergy: number;
  /** How much of the microphone's sound was played, silence too. */
  audioSeconds: number;
};
const NOTHING: Received = { frames: 0, screenFrames: 0, audioEnergy: 0, screenAudioEnergy: 0, audioSeconds: 0 };

type Probe = {
  mode: string | null;
  peerId: string | null;
  peers: { peerId: string }[];
  transports: { direction: string; state: string }[];
  getStats(): Promise<{ peerId: string; source: string; direction: string; report: Map<string, Stat> }[]>;
};
type Stat = {
  type: string;
  kind?: string;
  framesDecoded?: number;
  totalAudioEnergy?: number;
  totalSamplesDuration?: number;
};
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

  /** To the room's door by its address, as somebody without an account. */
  async comeAsGuest(code: string): Promise<void> {
    await this.goto(`/room/${code}`);
    await this.namesThemselves();
  }

  /** At the door without an account. */
  async namesThemselves(): Promise<void> {
    await this.sees("guest-name");
    await this.tab.fill("guest-name", this.name);
  }

  /** From the lobby to the room's door, by its code. */
  async enterCode(code: string): Promise<void> {
    await this.goto("/");
    await this.sees("join-code");
    await this.tab.fill("join-code", code);
    await this.tab.click("join");
    await this.sees("join-call");
  }

  /** With a new account into the call of this code. */
  async registerAndJoin(code: string): Promise<void> {
    await this.register();
    await this.enterCode(code);
    await this.joinCall();
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

  /** Waits until a peer who said goodbye is gone: well before the 10 s that a lost connection is waited for. */
  async seesGo(peerId: string): Promise<void> {
    await this.seesNoTile(peerId, "camera", 8_000);
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
          if (source === "mic") byPeer[peerId].audioSeconds += stat.totalSamplesDuration ?? 0;
          if (source === "screen-audio") byPeer[peerId].screenAudioEnergy += stat.totalAudioEnergy ?? 0;
        }
      }
      return byPeer;
    }, NOTHING);
  }

  /** Waits until everything in `what` has grown, from each of these peers, since the call of this function. */
  async receives(from: string | readonly string[], what: readonly (keyof Received)[], deadlineMs = 40_000): Promise<void> {
    const peerIds = [from].flat();
    const before = await this.received();
    const first = peerIds.map((peerId) => JSON.stringify(before[peerId] ?? NOTHING));
    await until(
      `${this.name} to get more ${what.join(" and ")} from ${peerIds.join(" and ")} than ${first.join(" and ")}`,
      async () => {
        const now = await this.received();
        const grows = (peerId: string) => {
          const then = (before[peerId] ??= { ...NOTHING });
          return what.every((each) => {
            // What came by a connection that has given way to another one is not counted any more.
            then[each] = Math.min(then[each], (now[peerId] ?? NOTHING)[each]);
            return (now[peerId] ?? NOTHING)[each] > then[each];
          });
        };
        return peerIds.every(grows);
      },
      deadlineMs,
      STATS_INTERVAL_MS,
    );
  }

  /** Waits until frames and sound of these peers arrive, and go on arriving. */
  async seesAndHears(from: string | readonly string[], deadlineMs = 60_000): Promise<void> {
    await this.receives(from, ["frames", "audioEnergy"], deadlineMs);
    await this.receives(from, ["frames", "audioEnergy"], deadlineMs);
  }

  /** Waits until nothing of `what` arrives from this peer for half a second of its (silent) sound. */
  async receivesNoMore(peerId: string, what: readonly (keyof Received)[], deadlineMs = 40_000): Promise<void> {
    let before: Received | undefined;
    await until(
      `${this.name} to get no more ${what.join(" and ")} from ${peerId}`,
      async () => {
        const now = (await this.received())[peerId] ?? NOTHING;
        const then = (before ??= now);
        if (now.audioSeconds < then.audioSeconds + 0.5) return false;
        before = now;
        // Decoded silence may flicker in the last bit: that is 1e-9 in a second, speech is 1e-3.
        return what.every((each) => now[each] - then[each] < 1e-7);
      },
      deadlineMs,
      STATS_INTERVAL_MS,
    );
  }

  /** Waits until the page calls by transports of these directions and no others, all of them connected. */
  async callsBy(...directions: readonly ("p2p" | "send" | "recv")[]): Promise<void> {
    const wanted = directions.map((one) => `${one} connected`).sort().join();
    await until(`${this.name} to call by ${directions.join(" and ")}`, async () => (await this.transports()).join() === wanted, 40_000);
  }

  /** Direction and state of each transport of the page, sorted. */
  async transports(): Promise<string[]> {
    const all = await this.tab.evaluate(() =>
      (window as unknown as { __call: Probe }).__call.transports.map(({ direction, state }) => `${direction} ${state}`));
    return all.sort();
  }

  /** Waits until so many tiles play a picture, and no others. */
  async plays(count: number): Promise<void> {
    await until(`${this.name} to play ${count} pictures`, async () => {
      const playing = await this.tab.evaluate(() => {
        const videos = [...document.querySelectorAll<HTMLVideoElement>('[data-testid="tile"] video')];
        return videos.filter((video) => video.videoWidth > 0 && !video.paused && video.readyState >= 2).length;
      });
      return playing === count;
    }, 40_000);
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
