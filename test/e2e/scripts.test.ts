/** Flows as users write and start them: scripts that await `flow.run()` at their top level. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloudburst } from "../support/command-line.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const script = join(root, "test/e2e/flows/script.ts");
const library = join(root, "src/index.ts");
const tsx = import.meta.resolve("tsx");

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "cloudburst-scripts-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

async function run(...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return await promisify(execFile)(process.execPath, ["--import", tsx, ...args], { cwd: root });
}

describe("a script that awaits flow.run() at its top level", () => {
  it("works unchanged under tsx, and is run to its end by the driver only", async () => {
    const { stdout } = await run(script);
    expect(stdout.match(/total=285/g)).toHaveLength(1);
    expect(stdout).toMatch(/Error: on purpose\n.*flows\/script\.ts:6:/);
  });

  it("works compiled to JavaScript, and stack traces still name the lines of the TypeScript", async () => {
    const compiled = join(directory, "script.mjs");
    await build({
      entryPoints: [script],
      outfile: compiled,
      bundle: true,
      platform: "node",
      format: "esm",
      sourcemap: true,
      logLevel: "error",
      // Compiled, not bundled: Cloudburst stays an import, as the package is for a user.
      plugins: [
        {
          name: "library",
          setup: ({ onResolve }) => onResolve({ filter: /index\.ts$/ }, () => ({ path: library, external: true })),
        },
      ],
    });
    const { stdout } = await run(compiled);
    expect(stdout).toContain("total=285");
    expect(stdout).toMatch(/Error: on purpose\n.*flows\/script\.ts:6:/);
  });
});

describe("the command line", () => {
  it("runs the flow that a file exports, with parameters", async () => {
    const { stdout, stderr } = await run(
      "src/cli/main.ts",
      "run",
      "test/e2e/flows/arithmetic.ts",
      "--flow",
      "chain",
      "-p",
      "n=3",
    );
    expect(stdout).toContain("[ 10, 20, 30 ]");
    expect(stderr).toContain("Success");
  });

  it("names the flows to choose from, and what is wrong with a parameter", async () => {
    const one = await cloudburst(["run", "test/e2e/flows/arithmetic.ts"]);
    expect(one.stderr).toMatch(/exports several flows \(choose one by --flow <name>: .*zip-and-sum/);
    const wrong = await cloudburst(["run", "test/e2e/flows/arithmetic.ts", "--flow", "chain", "-p", "n=three"]);
    expect(wrong.stderr).toMatch(/n.*three/);
    expect([one.exitCode, wrong.exitCode]).toEqual([1, 1]);
  });

  it("plans and runs the flow of a script that runs it itself, which does not begin by being loaded", async () => {
    const script = join(directory, "script.mts");
    const frontDoor = JSON.stringify(join(root, "src/index.ts"));
    await writeFile(
      script,
      `import { flow, range, task } from ${frontDoor};
       const inc = task("inc", (x: number) => x + 1);
       const counted = flow("counted", () => inc.map(range(3)));
       console.log("loaded");
       const state = await counted.run();
       console.log("went on", state.kind);`,
    );
    const planned = await run("src/cli/main.ts", "plan", script, "--executor", "local");
    expect(planned.stdout).toContain("counted");
    const ran = await run("src/cli/main.ts", "run", script, "--executor", "local");
    expect(ran.stdout).toContain("[ 1, 2, 3 ]");
    for (const { stdout } of [planned, ran]) expect(stdout.match(/loaded|went on/g)).toEqual(["loaded"]);
  });

  it("says that a file does not exist or exports no flow", async () => {
    const missing = await cloudburst(["run", "nowhere.ts"]);
    expect(missing.stderr).toContain("there is no file");
    const plain = join(directory, "plain.mjs");
    await writeFile(plain, "export const answer = 42;");
    const without = await cloudburst(["run", plain]);
    expect(without.stderr).toContain("exports no flow");
    expect([missing.exitCode, without.exitCode]).toEqual([1, 1]);
  });
});
