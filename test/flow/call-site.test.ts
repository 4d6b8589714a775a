import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callSite } from "../../src/flow/call-site.ts";
import { range } from "../../src/flow/range.ts";
import { task } from "../../src/flow/task.ts";
import { flow } from "./support.ts";

const run = promisify(execFile);
const root = dirname(dirname(import.meta.dirname));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const taskModule = join(root, "src/flow/task.ts");
const rangeModule = join(root, "src/flow/range.ts");
const program = `
  import { range } from ${JSON.stringify(pathToFileURL(rangeModule).href)};
  import { task } from ${JSON.stringify(pathToFileURL(taskModule).href)};
  const make = (name) => task(name, () => 1);
  console.log(JSON.stringify([task("direct", () => 1).definedIn, make("helped").definedIn, range.definedIn]));
`;

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "call site "));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

async function definedIn(...args: readonly string[]): Promise<unknown> {
  const { stdout } = await run(process.execPath, args);
  return JSON.parse(stdout);
}

describe("the module that makes a task or a flow", () => {
  test("is this one, by its absolute path", () => {
    expect(task("here", () => 1).definedIn).toBe(fileURLToPath(import.meta.url));
    expect(flow("here", () => 1).definedIn).toBe(fileURLToPath(import.meta.url));
    expect(range.definedIn).toBeUndefined();
  });

  test("is a TypeScript file under tsx, and none for a task that the library brings", async () => {
    const file = join(directory, "main.mts");
    await writeFile(file, program.replace("(name)", "(name: string)"));
    expect(await definedIn("--import", tsx, file)).toEqual([file, file, null]);
  });

  test("is a module with a query in its URL, without the query", async () => {
    const file = join(directory, "queried.mjs");
    const entry = join(directory, "entry.mjs");
    await writeFile(file, program);
    await writeFile(entry, `await import("./queried.mjs?version=2#part");`);
    expect(await definedIn("--import", tsx, entry)).toEqual([file, file, null]);
  });

  test("is the bundle where the library was bundled with the code that uses it", async () => {
    const file = join(directory, "source.mjs");
    const outfile = join(directory, "bundle.mjs");
    await writeFile(file, program.replaceAll("file://", ""));
    await build({ entryPoints: [file], outfile, bundle: true, platform: "node", format: "esm" });
    expect(await definedIn(outfile)).toEqual([outfile, outfile, null]);
  });
});

test("looking for the module leaves the process's own stack settings as they were", () => {
  const own = (error: Error): string => `mine: ${error.message}`;
  const settings = (): unknown[] => [Reflect.get(Error, "prepareStackTrace"), Error.stackTraceLimit];
  const [prepareStackTrace, stackTraceLimit] = settings();
  try {
    Object.assign(Error, { prepareStackTrace: own, stackTraceLimit: 1 });
    expect(callSite()).toBe(fileURLToPath(import.meta.url));
    expect(settings()).toEqual([own, 1]);
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
});
