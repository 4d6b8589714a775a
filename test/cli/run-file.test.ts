/** Files of users that `cloudburst run` loads: in the module system of their project, and with what is wrong in them. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { temporaryProject } from "../bundle/temporary-project.ts";
import { startCommand } from "./long-lived.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const door = JSON.stringify(fileURLToPath(new URL("../../src/index.ts", import.meta.url)));
const loader = import.meta.resolve("tsx");

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(file: string, args: readonly string[] = ["--executor", "local"]): Promise<Ended> {
  const env = { ...process.env, NO_COLOR: "1" };
  return await new Promise((resolve) => {
    execFile(process.execPath, ["--import", loader, main, "run", file, ...args], { env }, (error, stdout, stderr) => {
      resolve({ exitCode: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

it("runs TypeScript of a project whose modules are CommonJS", async () => {
  const project = await temporaryProject({
    "package.json": `{ "type": "commonjs" }`,
    "double.ts": `export const double = (x: number): number => 2 * x;`,
    "flow.ts": `import { flow, task } from ${door}; import { double } from "./double";
      const twice = task("twice", double);
      export const f = flow("f", () => twice.map([1, 2]));
      if (require.main === module) throw new Error("this is no script");`,
  });
  expect(await run(project.path("flow.ts"))).toMatchObject({ exitCode: 0, stdout: "[ 2, 4 ]\n" });
});

it("says where a file cannot be parsed, and nothing of how it was loaded", async () => {
  const project = await temporaryProject({ "package.json": `{ "type": "module" }`, "flow.ts": `const x = ;` });
  const path = project.path("flow.ts");
  const { exitCode, stderr } = await run(path);
  expect(stderr).toBe(`cloudburst: ${path} cannot be loaded:\n${path}:1:10: ERROR: Unexpected ";"\n`);
  expect(exitCode).toBe(1);
});

it("says which line of the user's throws when a file is loaded", async () => {
  const project = await temporaryProject({
    "package.json": `{ "type": "module" }`,
    "flow.ts": `export {};\nthrow new RangeError("too early");`,
  });
  const path = project.path("flow.ts");
  const { stderr } = await run(path);
  const [first = "", second = "", third = "", ...rest] = stderr.split("\n");
  expect([first, second]).toEqual([`cloudburst: ${path} cannot be loaded:`, "RangeError: too early"]);
  expect(third).toMatch(/^ {4}at .*flow\.ts:2:7\)?$/);
  expect(rest).toEqual([""]);
});

it("ends with the errors of the calls that failed, and 1", async () => {
  const project = await temporaryProject({
    "package.json": `{ "type": "module" }`,
    "flow.ts": `import { flow, task } from ${door};
const bad = task("bad", (x: number): number => { throw new TypeError("bad " + x); });
const next = task("next", (xs: readonly number[]) => xs.length);
export const f = flow("f", () => next(bad.map([1])));`,
  });
  const { exitCode, stdout, stderr } = await run(project.path("flow.ts"));
  expect(stdout).toMatch(/^\[TriggerFailedError: .*\]\n$/);
  expect(stderr).toMatch(/\nfailed: bad\[0\]\n {4}TypeError: bad 1\n {8}at .*flow\.ts:2:/);
  expect(exitCode).toBe(1);
});

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("cancels the run on %s, and ends with %i", async (signal, exitCode) => {
  const project = await temporaryProject({
    "package.json": `{ "type": "module" }`,
    "flow.ts": `import { context, flow, task } from ${door};
      const wait = task("wait", async () => {
        console.error("waiting");
        const stays = setInterval(() => undefined, 1_000);
        await new Promise((end) => context.signal.addEventListener("abort", end));
        clearInterval(stays);
      });
      export const f = flow("f", () => wait());`,
  });
  await using command = startCommand(["run", project.path("flow.ts"), "--executor", "local"], {});
  await command.hear(/waiting/);
  expect(await command.end(signal)).toBe(exitCode);
  expect(command.said).toContain(`cancelling the run (${signal} again ends it at once)`);
  expect(command.said).toContain("Cancelled: ");
});
