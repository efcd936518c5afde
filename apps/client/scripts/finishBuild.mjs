// After the bundler: compress every text asset once, at the best level, and list the hashes of
// the inline scripts of index.html for the server's Content-Security-Policy.
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const root = join(import.meta.dirname, "..", "build", "client");
const TEXT = /\.(html|js|mjs|css|svg|json|txt|map|webmanifest)$/;

async function main() {
  const page = await readFile(join(root, "index.html"), "utf8");
  await writeFile(join(root, "csp-hashes.txt"), `${inlineHashes(page).join("\n")}\n`);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && TEXT.test(entry.name) && entry.name !== "csp-hashes.txt")
    .map((entry) => join(entry.parentPath, entry.name));
  await Promise.all(files.map(compress));
  console.log(`compressed ${files.length} files`);
}

/** `sha256-…` of each script without src, as CSP level 3 section 6.7.3 wants it. */
function inlineHashes(html) {
  const scripts = [...html.matchAll(/<script(?<attributes>[^>]*)>(?<body>[\s\S]*?)<\/script>/g)];
  return scripts
    .filter(({ groups }) => !/\ssrc\s*=/.test(groups.attributes))
    .map(({ groups }) => `sha256-${createHash("sha256").update(groups.body).digest("base64")}`);
}

async function compress(file) {
  const body = await readFile(file);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
  };
  await writeFile(`${file}.gz`, await promisify(gzip)(body, { level: 9 }));
  await writeFile(`${file}.br`, await promisify(brotliCompress)(body, { params }));
}

await main();
