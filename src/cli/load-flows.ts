/** Finds the flows of a user's file: those that it exports, and those that it runs. */
import { existsSync } from "node:fs";
import { createRequire, Module } from "node:module";
import { extname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { CloudburstError, InvalidOptionError } from "../base/errors.ts";
import type { Executor } from "../executors/executor.ts";
import { Flow } from "../flow/flow.ts";
import type { RunOptions } from "../flow/run-options.ts";
import { holdFile } from "../flow/script-runs.ts";

type AnyFlow = Flow<object, unknown>;
type Parameters = NonNullable<RunOptions["parameters"]>;

export interface LoadedFlow {
  readonly flow: AnyFlow;
  /** With which the file runs the flow, if it does. */
  readonly parameters: Parameters;
  /** On which the file runs the flow, or that it gives to it. */
  readonly executor: Executor | undefined;
}

const typescript = new Set([".ts", ".mts", ".cts", ".tsx"]);
const javascript = new Set([".js", ".mjs", ".cjs"]);

/**
 * The flow of `file`; `name` chooses among several. What the file runs at its top level does not begin.
 * @throws InvalidOptionError when there is no such file or flow
 */
export async function loadFlow(file: string, name: string | undefined): Promise<LoadedFlow> {
  const path = resolve(file);
  if (!existsSync(path)) throw new InvalidOptionError(`there is no file ${path}`);
  if (!typescript.has(extname(path)) && !javascript.has(extname(path))) {
    const allowed = [...typescript, ...javascript].join(", ");
    throw new InvalidOptionError(`${path} is no module that could export a flow (allowed are ${allowed})`);
  }
  const { exports, runs } = await holdFile(() => load(path)).catch((thrown: unknown) => {
    throw loadingError(path, thrown);
  });
  const ran = new Map(runs.map(({ flow, options }) => [flow, options] as const));
  const values = new Set<unknown>([...exported(exports), ...ran.keys()]);
  const flows = [...values].filter((value): value is AnyFlow => value instanceof Flow);
  const names = flows.map((flow) => flow.name);
  const wanted = name === undefined ? flows : flows.filter((flow) => flow.name === name);
  const [flow] = wanted;
  if (flow === undefined) throw new InvalidOptionError(noFlow(path, name, names));
  if (wanted.length > 1) {
    throw new InvalidOptionError(`${path} exports several flows (choose one by --flow <name>: ${names.join(", ")})`);
  }
  const { parameters = {}, executor = flow.executor } = ran.get(flow) ?? {};
  return { flow, parameters, executor };
}

/** What a CommonJS file exports stands in `default` where Node cannot tell the names beforehand. */
function exported(exports: Readonly<Record<string, unknown>>): readonly unknown[] {
  const { default: all } = exports;
  const inside =
    typeof all === "object" && all !== null && !(all instanceof Flow)
      ? Object.values<unknown>(all as Readonly<Record<string, unknown>>)
      : [];
  return [...Object.values(exports), ...inside];
}

async function load(path: string): Promise<Record<string, unknown>> {
  const url = pathToFileURL(path).href;
  if (!typescript.has(extname(path))) return (await import(url)) as Record<string, unknown>;
  // Imported only here: plain JavaScript needs no loader. Where package.json says nothing else, .ts is CommonJS.
  const [{ register }, commonJs] = await Promise.all([import("tsx/esm/api"), import("tsx/cjs/api")]);
  register();
  commonJs.register();
  await shareLibrary();
  return (await import(url)) as Record<string, unknown>;
}

/** tsx would compile the library again for files that are CommonJS, and the flows of the copy would be strangers here. */
async function shareLibrary(): Promise<void> {
  const door = fileURLToPath(new URL(`../index${extname(import.meta.url)}`, import.meta.url));
  const exports: unknown = await import("../index.ts");
  createRequire(import.meta.url).cache[door] = Object.assign(new Module(door), { exports, loaded: true });
}

/** What is wrong with the user's file, without the way by which this command came to load it. */
function loadingError(path: string, thrown: unknown): unknown {
  if (thrown instanceof CloudburstError || !(thrown instanceof Error)) return thrown;
  const [first = "", ...rest] = (thrown.stack ?? String(thrown)).split("\n");
  const lines =
    thrown.name === "TransformError" ? thrown.message.split("\n").slice(1) : [first, ...rest.filter(isUsers)];
  return new CloudburstError("file_not_loaded", `${path} cannot be loaded:\n${lines.join("\n")}`, { cause: thrown });
}

const ownDirectory = fileURLToPath(new URL("..", import.meta.url));
const isUsers = (line: string): boolean =>
  !/^\s+at .*(node:internal\/|[\\/]node_modules[\\/])/.test(line) && !line.includes(ownDirectory);

function noFlow(path: string, name: string | undefined, names: readonly string[]): string {
  if (name === undefined) return `${path} exports no flow (write: export const myFlow = flow("my-flow", …))`;
  return `${path} exports no flow named "${name}" (it has: ${names.join(", ") || "none"})`;
}
