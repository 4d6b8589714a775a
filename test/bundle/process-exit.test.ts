import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryProject } from "./temporary-project.ts";

const run = promisify(execFile);

test("a process that has bundled a flow ends by itself", async () => {
  const bundler = new URL("../../src/bundle/bundle-flow.ts", import.meta.url).href;
  const project = await temporaryProject({
    "tasks.ts": "export const one = 1;",
    "driver.mts": `import { bundleFlow } from ${JSON.stringify(bundler)};
      const { code } = await bundleFlow({ entry: process.argv[2], modules: [], flowName: "f", taskNames: [] });
      console.log(code.byteLength > 0);`,
  });
  const args = ["--import", import.meta.resolve("tsx"), project.path("driver.mts"), project.path("tasks.ts")];
  // Killed at the time limit, which rejects: esbuild's service must not hold the process.
  const { stdout } = await run(process.execPath, args, { timeout: 20_000 });
  expect(stdout).toBe("true\n");
});
