/** Builds the package into dist/: modules and types by tsc, then the worker's single file. `npm run build`. */
import { chmodSync, existsSync, readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runTool } from "./run-tool.ts";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const bin = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

// All but the worker's file, which a flow may be using at this moment: build-worker replaces it in one step.
const old = existsSync(dist) ? readdirSync(dist).filter((name) => !name.startsWith("worker.mjs")) : [];
for (const name of old) rmSync(dist + name, { recursive: true });

await run("tsc", ["-p", "tsconfig.build.json"]);
await run("tsx", ["scripts/build-worker.ts"]);
if (!existsSync(bin)) throw new Error("the build has no dist/cli/main.js, which package.json names as the command");
chmodSync(bin, 0o755);

async function run(tool: string, args: readonly string[]): Promise<void> {
  const { exitCode, output } = await runTool(tool, args);
  process.stdout.write(output);
  if (exitCode !== 0) process.exit(exitCode);
}
