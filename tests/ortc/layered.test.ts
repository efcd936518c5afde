// One stream in layers (VP9, AV1) from Chromium to Chromium through the server: the upper layer comes soon after
// it is wished for, and is shown.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { Chromium } from "../e2e/chromium.ts";
import type { Stats } from "../sfu/caller.ts";
import { Line, Person } from "../support/person.ts";
import { until } from "../support/poll.ts";
import { Server } from "../support/server.ts";
import type { LayeredPage, Who } from "./layered/page.ts";

/** In the page. */
declare const here: LayeredPage;
/** The upper layer is 640 pixels wide, the lower 320. */
const [LOWER, UPPER] = [320, 640];
const SOON_MS = 4_000;

async function site(): Promise<{ url: string; close(): void }> {
  const options = { bundle: true, format: "iife", write: false, define: { global: "globalThis" } } as const;
  const { outputFiles } = await build({ ...options, entryPoints: [join(import.meta.dirname, "layered/page.ts")] });
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? outputFiles[0]?.text : '<!doctype html><title>layers</title><script src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}

for (const [mimeType, mode] of [["video/VP9", "L2T3_KEY"], ["video/AV1", "L2T2"]] as const) {
  test(`the upper layer of ${mimeType} ${mode}`, { timeout: 120_000 }, async (t) => {
    const server = await Server.start({ RTC_P2P_MAX_PEERS: "0", RTC_ANNOUNCED_IP: "127.0.0.1" });
    const chromium = await Chromium.launch();
    const pages = await site();
    const lines = new Map<string, Line>();
    try {
      const room = await (await Person.register(server, "host")).createRoom();
      const { page } = await chromium.open();
      await page.exposeFunction("ask", (who: Who, event: string, payload: object) => lines.get(who)?.call(event, payload));
      await page.goto(pages.url);
      for (const who of ["sender", "viewer"] as const) {
        const line = await Line.open(server, { auth: { guestName: who } });
        lines.set(who, line);
        const joined = (await line.join(room.slug)) as unknown as Parameters<LayeredPage["enter"]>[1];
        await page.evaluate(([name, all]) => here.enter(name, all), [who, joined] as const);
      }
      const viewer = lines.get("viewer");
      assert.ok(viewer);
      const producerId = await page.evaluate(([type, name]) => here.produce(type, name), [mimeType, mode] as const);
      const consumerId = await page.evaluate((id) => here.consume(id), producerId);
      const shows = async (spatialLayer: number, width: number): Promise<number> => {
        assert.deepEqual(await viewer.call("sfu:set-preferred-layers", { consumerId, spatialLayer }), {});
        const ms = await page.evaluate((pixels) => here.becomes(pixels), width);
        // Whatever the path carries meanwhile: both tell of the layer that goes out.
        await until(`layer ${spatialLayer} in the news and the statistics`, async () => {
          const { consumers } = (await viewer.call("sfu:stats", {})) as unknown as Stats;
          const news = viewer.payloads("sfu:layers-changed").at(-1);
          return [news?.["spatialLayer"], ...consumers.map((one) => one.spatialLayer)].join() === `${spatialLayer},${spatialLayer}`;
        });
        return ms;
      };
      await shows(1, UPPER); // what the path carries has to be found first
      await shows(0, LOWER);
      const ms = await shows(1, UPPER);
      t.diagnostic(`${ms.toFixed(0)} ms until the upper layer is shown`);
      assert.ok(ms < SOON_MS, `${ms} ms`);
    } finally {
      for (const line of lines.values()) line.close();
      await chromium.close();
      pages.close();
      await server.stop();
    }
  });
}
