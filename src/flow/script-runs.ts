/**
 * A file that a command loads may run its flow at its top level, as a script does. The command wants the flow, and says
 * itself what becomes of it: while a file is held, the runs that it starts are told of, and never begin.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { FlowDefinition, FlowRunner } from "./flow.ts";
import type { RunOptions } from "./run-options.ts";

/** What a file asked for with `flow.run(options)`. */
export interface ScriptRun {
  readonly flow: FlowDefinition;
  readonly options: RunOptions;
}

type Listener = (run: ScriptRun) => void;

let listener: Listener | undefined;

/** Begins runs, but those of a file that is held. */
export function holdable(run: FlowRunner): FlowRunner {
  return async (flow, options) => {
    if (listener === undefined) return await run(flow, options);
    listener({ flow, options });
    return await new Promise<never>(() => undefined);
  };
}

export interface HeldFile {
  /** Empty where the file waits for a run of its own, since it never gets so far as to export. */
  readonly exports: Readonly<Record<string, unknown>>;
  readonly runs: readonly ScriptRun[];
}

/** Evaluates a file, of which nothing runs from now on. */
export async function holdFile(load: () => Promise<Readonly<Record<string, unknown>>>): Promise<HeldFile> {
  const runs: ScriptRun[] = [];
  const waits = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
    listener = (run) => {
      runs.push(run);
      // A file that does not wait for its run has been evaluated a turn later.
      void turn({}).then(resolve);
    };
  });
  return { exports: await Promise.race([load(), waits]), runs };
}

/** Starts a run of the command's own. */
export function runHeld<T>(start: () => T): T {
  const held = listener;
  listener = undefined;
  try {
    return start();
  } finally {
    listener = held;
  }
}
