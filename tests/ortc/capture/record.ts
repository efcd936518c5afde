// Records what the installed Chromium and Firefox say of themselves into fixtures/: `node
// capture/record.ts`. The tests replay the recordings, so that they need no browser and do not
// change with one.
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";
import { Chromium } from "../../e2e/chromium.ts";
import { Firefox } from "../../e2e/firefox.ts";
import type { Tab } from "../../e2e/tab.ts";
import { MEDIA_CODECS } from "../media_codecs.ts";
import { type Json, resultOf, Tool } from "../tool.ts";

const FOLDER = import.meta.dirname;

async function script(): Promise<string> {
  const bundle = await build({
    entryPoints: [join(FOLDER, "page.ts")],
    bundle: true,
    format: "iife",
    write: false,
    define: { global: "globalThis" },
  });
  const [file] = bundle.outputFiles;
  if (file === undefined) throw new Error("nothing was bundled");
  return file.text;
}

/** Runs in the page. */
async function captured(router: Json): Promise<Json> {
  const page = globalThis as unknown as { capture: (router: Json) => Promise<Json> };
  return page.capture(router);
}

async function record(name: string, tab: Tab, url: string, router: Json): Promise<void> {
  await tab.goto(url);
  const all = await tab.evaluate(captured, router);
  await writeFile(join(FOLDER, `../fixtures/${name}.json`), `${JSON.stringify(all, null, 1)}\n`);
}

const tool = new Tool();
const router = resultOf(await tool.ask({ op: "routerRtpCapabilities", mediaCodecs: MEDIA_CODECS }));
await tool.close();

const text = await script();
const site = createServer((request, response) => {
  const isScript = request.url === "/page.js";
  response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
  response.end(isScript ? text : '<!doctype html><title>capture</title><script src="/page.js"></script>');
});
await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;

const chromium = await Chromium.launch();
await record("chromium", await chromium.open(), url, router).finally(() => chromium.close());
const firefox = await Firefox.launch();
await record("firefox", await firefox.open(), url, router).finally(() => firefox.close());
site.closeAllConnections();
site.close();
