/** Finds the flows of a user's file: those that it exports, and those that it runs. */
import { existsSync } from "node:fs";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { InvalidOptionError } from "../base/errors.ts";
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
  const { exports, runs } = await holdFile(() => load(path));
  const ran = new Map(runs.map(({ flow, options }) => [flow, options] as const));
  const values = new Set<unknown>([...Object.values(exports), ...ran.keys()]);
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

async function load(path: string): Promise<Record<string, unknown>> {
  const url = pathToFileURL(path).href;
  if (!typescript.has(extname(path))) return (await import(url)) as Record<string, unknown>;
  // Imported only here: plain JavaScript needs no loader.
  const { register } = await import("tsx/esm/api");
  register();
  return (await import(url)) as Record<string, unknown>;
}

function noFlow(path: string, name: string | undefined, names: readonly string[]): string {
  if (name === undefined) return `${path} exports no flow (write: export const myFlow = flow("my-flow", …))`;
  return `${path} exports no flow named "${name}" (it has: ${names.join(", ") || "none"})`;
}
