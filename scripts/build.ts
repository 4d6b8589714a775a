/**
 * Builds the package into dist/: modules and types by tsc, then the worker's single file. `npm run build`. What lies in
 * src/ comes to lie in dist/, and infra/ in dist/infra/: what the stack shares with drivers is there once.
 */
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runTool } from "./run-tool.ts";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const bin = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

// All but the worker's file, which a flow may be using at this moment: build-worker replaces it in one step.
const old = existsSync(dist) ? readdirSync(dist).filter((name) => !name.startsWith("worker.mjs")) : [];
for (const name of old) rmSync(dist + name, { recursive: true });

await run("tsc", ["-p", "tsconfig.build.json"]);
await buildInfra();
await run("tsx", ["scripts/build-worker.ts"]);
if (!existsSync(bin)) throw new Error("the build has no dist/cli/main.js, which package.json names as the command");
chmodSync(bin, 0o755);

/** tsc keeps the folders as they lie beside each other, and writes what infra/ imports of src/ a second time. */
async function buildInfra(): Promise<void> {
  await run("tsc", ["-p", "infra/tsconfig.build.json"]);
  rmSync(`${dist}src`, { recursive: true });
  for (const name of readdirSync(`${dist}infra`).filter((file) => /\.(js|d\.ts)$/.test(file))) {
    const file = `${dist}infra/${name}`;
    writeFileSync(file, readFileSync(file, "utf8").replaceAll('"../src/', '"../'));
  }
}

async function run(tool: string, args: readonly string[]): Promise<void> {
  const { exitCode, output } = await runTool(tool, args);
  process.stdout.write(output);
  if (exitCode !== 0) process.exit(exitCode);
}
