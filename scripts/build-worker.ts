/**
 * Builds the worker: one file that holds all it needs, the AWS SDK included, so that a container (or a local process)
 * starts it without an install. `npm run build:worker`; takes about a third of a second.
 */
import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const entry = fileURLToPath(new URL("../src/worker/main.ts", import.meta.url));
const outfile = fileURLToPath(new URL("../dist/worker.mjs", import.meta.url));
/** design.md §11: a larger file starts and travels too slowly. */
const maxBytes = 2_000_000;

if (!existsSync(entry)) throw new Error(`cannot build the worker: its entry ${relative(root, entry)} does not exist`);

const startedAt = performance.now();
const { outputFiles } = await build({
  entryPoints: [entry],
  outfile,
  write: false,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  // The AWS SDK's ES modules shed what is not called; its CommonJS files, Node's first choice, do not.
  mainFields: ["module", "main"],
  // Names stay: errors travel by those of their classes, and keeping them by code would cost each start 10 ms.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  sourcemap: "linked",
  sourcesContent: false,
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning", // errors too are esbuild's to print
}).catch(() => process.exit(1));

await mkdir(dirname(outfile), { recursive: true });
for (const { path, contents } of outputFiles) {
  // Renamed into place, so that a worker that starts meanwhile never reads half a file.
  const unfinished = `${path}.${String(process.pid)}`;
  await writeFile(unfinished, contents);
  await rename(unfinished, path);
}

const bytes = outputFiles.find(({ path }) => path === outfile)?.contents.byteLength ?? 0;
const ms = performance.now() - startedAt;
console.log(`${relative(root, outfile)}  ${(bytes / 1000).toFixed(0)} kB  ${ms.toFixed(0)} ms`);
if (bytes > maxBytes)
  throw new Error(`the worker file has ${String(bytes)} bytes, at most ${String(maxBytes)} are allowed`);
