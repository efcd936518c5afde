import { Device } from "mediasoup-client";
import { expect, test, vi } from "vitest";
import { FakeSfu, routerRtpCapabilities } from "~tests/fakes/sfu";
import { createDevice, quicken } from "./device";

const load = (handlerFactory: ReturnType<typeof quicken>) =>
  new Device({ handlerFactory }).load({ routerRtpCapabilities });

test("a browser is asked what it can before there is a call, and once for all of them", async () => {
  const stock = new FakeSfu().handlerFactory();
  const asked = vi.spyOn(stock, "getNativeRtpCapabilities");
  const quick = quicken(stock);
  const directions = () => asked.mock.calls.map(([{ direction }]) => direction);
  expect(directions()).toEqual(["recvonly", "sendonly"]);
  await load(quick);
  await load(quick);
  expect(directions()).toEqual(["recvonly", "sendonly"]);
});

test("one that could not say is asked again", async () => {
  const stock = new FakeSfu().handlerFactory();
  vi.spyOn(stock, "getNativeRtpCapabilities").mockRejectedValueOnce(new Error("not now"));
  const quick = quicken(stock);
  await expect(load(quick)).rejects.toThrow("not now");
  await load(quick);
});

test("the device is this browser's, and there is none for what is no browser", async () => {
  await expect(createDevice()).rejects.toThrow();
  const userAgent =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36";
  vi.stubGlobal("navigator", { userAgent });
  expect((await createDevice()).handlerName).toBe("Chrome111");
  vi.unstubAllGlobals();
});
