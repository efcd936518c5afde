import { beforeEach, describe, expect, test } from "vitest";
import { FakeDevices, fakeStorage } from "~tests/fakes/media";
import { LocalMedia, type LocalNotice } from "./localMedia";

let devices: FakeDevices;
let storage = fakeStorage();
let notices: LocalNotice[];

function create(port: FakeDevices | undefined = devices, secure = true): LocalMedia {
  const local = new LocalMedia({ devices: port?.port, storage, secure });
  local.onNotice((notice) => notices.push(notice));
  return local;
}

/** Lets everything that only waits for promises finish. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

const error = (name: string, text = "") => new DOMException(text, name);

beforeEach(() => {
  devices = new FakeDevices();
  devices.plug(["mic1", "audioinput"], ["mic2", "audioinput"], ["cam1", "videoinput"]);
  devices.plug(["speaker1", "audiooutput"]);
  storage = fakeStorage();
  notices = [];
});

describe("starting", () => {
  test("opens microphone and camera and lists the devices", async () => {
    const local = create();
    await local.start();
    expect(local.get()).toMatchObject({
      mic: { on: true, problem: null },
      camera: { on: true, problem: null },
      devices: { mics: [{ id: "mic1" }, { id: "mic2" }], speakers: [{ id: "speaker1" }] },
    });
  });

  test("a denied camera does not cost the microphone", async () => {
    devices.failures.video = error("NotAllowedError");
    const local = create();
    await local.start();
    expect(local.get().mic.on).toBe(true);
    expect(local.get().camera).toMatchObject({ on: false, problem: "denied" });
  });

  test.each<[string, DOMException, string]>([
    [
      "a denial by the system",
      error("NotAllowedError", "Permission denied by system"),
      "denied-by-system",
    ],
    ["a busy device", error("NotReadableError"), "busy"],
    ["anything else", error("TypeError"), "unknown"],
  ])("%s has its own problem", async (_name, failure, problem) => {
    devices.failures.audio = failure;
    const local = create();
    await local.start();
    expect(local.get().mic.problem).toBe(problem);
  });

  test("no device at all is no error of the page", async () => {
    devices = new FakeDevices();
    const local = create();
    await local.start();
    expect(local.get()).toMatchObject({
      mic: { problem: "missing" },
      camera: { problem: "missing" },
    });
  });

  test("an insecure page and an old browser are told apart", async () => {
    for (const [secure, problem] of [
      [false, "insecure"],
      [true, "unsupported"],
    ] as const) {
      const local = new LocalMedia({ devices: undefined, storage, secure });
      await local.start();
      expect(local.get().mic.problem).toBe(problem);
    }
  });

  test("what was off last time stays off, and the microphone is ready but muted", async () => {
    const before = create();
    await before.start();
    await before.setMic(false);
    await before.setCamera(false);
    const local = create();
    await local.start();
    expect(local.get().camera.track).toBeNull();
    expect(local.get().mic).toMatchObject({ on: false, track: { enabled: false } });
  });
});

describe("on and off", () => {
  test("muting keeps the track, camera off lets the device go", async () => {
    const local = create();
    await local.start();
    const [mic, camera] = devices.opened;
    await local.setMic(false);
    await local.setCamera(false);
    expect(mic).toMatchObject({ enabled: false, readyState: "live" });
    expect(camera?.readyState).toBe("ended");
    await local.setMic(true);
    expect(local.get().mic.track).toBe(mic);
  });

  test("stop lets go of everything", async () => {
    const local = create();
    await local.start();
    await local.setScreen(true);
    local.stop();
    expect(devices.opened.map((track) => track.readyState)).toEqual(Array(4).fill("ended"));
  });

  test("of two quick clicks the last one wins", async () => {
    const local = create();
    await local.start();
    await Promise.all([local.setCamera(true), local.setCamera(false)]);
    await settle();
    expect(local.get().camera).toMatchObject({ on: false, track: null });
    expect(
      devices.opened.filter((track) => track.kind === "video" && track.readyState === "live"),
    ).toEqual([]);
  });
});

describe("choosing", () => {
  test("takes the device at once and remembers it", async () => {
    const local = create();
    await local.start();
    await local.choose("mic", "mic2");
    expect(local.get().mic.track?.label).toBe("mic2");
    const next = create();
    await next.start();
    expect(next.get().mic.track?.label).toBe("mic2");
  });

  test("a chosen device that is gone is replaced by any other", async () => {
    storage = fakeStorage({ "webrtc-chat.devices": '{"choice":{"mic":"gone"}}' });
    const local = create();
    await local.start();
    expect(local.get().mic).toMatchObject({ on: true, track: { label: "mic1" } });
  });

  test.each(["", "{", "[]", '"x"', '{"choice":7}'])(
    "a spoilt memory (%s) is no memory",
    async (text) => {
      storage = fakeStorage({ "webrtc-chat.devices": text });
      const local = create();
      await local.start();
      expect(local.get().mic.on).toBe(true);
    },
  );
});

describe("devices that come and go", () => {
  test("a headset that is pulled out is replaced, and told", async () => {
    const local = create();
    await local.start();
    await local.choose("mic", "mic2");
    devices.unplug("mic2");
    await settle();
    expect(local.get().mic).toMatchObject({ on: true, track: { label: "mic1" } });
    expect(notices).toContainEqual({ type: "switched", label: "mic1" });
  });

  test("plugged in again it is taken up again", async () => {
    const local = create();
    await local.start();
    await local.choose("mic", "mic2");
    devices.unplug("mic2");
    await settle();
    devices.plug(["mic2", "audioinput"]);
    await settle();
    expect(local.get().mic.track?.label).toBe("mic2");
  });

  test("the only camera that is pulled out leaves a problem", async () => {
    const local = create();
    await local.start();
    devices.unplug("cam1");
    await settle();
    expect(local.get().camera).toMatchObject({ on: false, problem: "unplugged" });
    expect(notices).toContainEqual({ type: "unplugged", kind: "camera" });
  });
});

describe("a device that was missed", () => {
  test("is taken up when it is plugged in, if it was wanted", async () => {
    devices = new FakeDevices();
    const local = create();
    await local.start();
    await local.setCamera(false);
    devices.plug(["mic1", "audioinput"], ["cam1", "videoinput"]);
    await settle();
    expect(local.get().mic).toMatchObject({ on: true, problem: null, track: { label: "mic1" } });
    expect(local.get().camera).toMatchObject({ on: false, track: null });
    expect(notices).toEqual([{ type: "switched", label: "mic1" }]);
  });

  test("is taken up again when it was pulled out, and nothing else is tried meanwhile", async () => {
    const local = create();
    await local.start();
    devices.unplug("cam1");
    await settle();
    devices.plug(["speaker2", "audiooutput"]);
    await settle();
    expect(local.get().camera).toMatchObject({ on: false, problem: "unplugged" });
    devices.plug(["cam2", "videoinput"]);
    await settle();
    expect(local.get().camera).toMatchObject({ on: true, track: { label: "cam2" } });
  });

  test("that is blocked or busy is left alone", async () => {
    devices.failures.audio = error("NotAllowedError");
    const local = create();
    await local.start();
    delete devices.failures.audio;
    devices.plug(["mic3", "audioinput"]);
    await settle();
    expect(local.get().mic).toMatchObject({ on: false, problem: "denied" });
  });
});

describe("the screen", () => {
  test("is shared with its sound, until the browser's own button ends it", async () => {
    const local = create();
    await local.setScreen(true);
    expect(local.get().screen).toMatchObject({ on: true, audio: { label: "screen sound" } });
    expect(local.get().screen.track?.contentHint).toBe("detail");
    devices.opened[0]?.end();
    expect(local.get().screen).toMatchObject({ on: false, track: null, audio: null });
    expect(devices.opened[1]?.readyState).toBe("ended");
  });

  test("a cancelled picker says nothing, a block by the system does", async () => {
    const local = create();
    devices.failures.screen = error("NotAllowedError", "Permission denied");
    await local.setScreen(true);
    expect(local.get().screen).toMatchObject({ on: false, starting: false, problem: null });
    devices.failures.screen = error("NotAllowedError", "Permission denied by system");
    await local.setScreen(true);
    expect(local.get().screen.problem).toBe("denied-by-system");
  });
});
