/** What of a run's options can be wrong is found here, before anything is started. */
import { setMaxListeners } from "node:events";
import { InvalidOptionError } from "../base/errors.ts";
import type { Executor } from "../executors/executor.ts";
import type { Graph } from "../flow/graph.ts";
import { nodesIn } from "../flow/node-references.ts";
import { preview } from "../flow/preview.ts";
import type { RunObserver } from "../flow/run-event.ts";
import type { OnPause, RunOptions } from "../flow/run-options.ts";

const executorMethods = ["start", "submit", "map", "wait"] as const satisfies readonly (keyof Executor)[];

/** @throws {InvalidOptionError} when it is no executor. */
export function checkExecutor(given: Executor): Executor {
  const untyped: unknown = given; // from JavaScript anything may come
  if (typeof untyped === "function") {
    throw new InvalidOptionError(
      `executor must be an object, got ${preview(untyped)}: did you mean \`new ${untyped.name}()\`?`,
    );
  }
  if (typeof untyped !== "object" || untyped === null) {
    throw new InvalidOptionError(
      `executor must be an object with start, submit, map and wait, got ${preview(untyped)}`,
    );
  }
  const missing = executorMethods.filter((method) => typeof Reflect.get(untyped, method) !== "function");
  if (missing.length === 0) return given;
  throw new InvalidOptionError(
    `executor must have the methods start, submit, map and wait; it lacks ${missing.join(", ")}`,
  );
}

/**
 * The run's own signal, which aborts with the given one. Whatever is under way listens to it, which may be more than Node
 * takes for a leak.
 *
 * @throws {InvalidOptionError} when it is no AbortSignal.
 */
export function checkSignal(given: AbortSignal | undefined): AbortSignal {
  if (given !== undefined && !(given instanceof AbortSignal)) {
    throw new InvalidOptionError(`signal must be an AbortSignal, got ${preview(given)}`);
  }
  const own = given === undefined ? new AbortController().signal : AbortSignal.any([given]);
  setMaxListeners(0, own);
  return own;
}

/** @throws {InvalidOptionError} when it is no function. */
export function checkOnPause(given: OnPause | undefined): OnPause | undefined {
  if (given === undefined || typeof given === "function") return given;
  throw new InvalidOptionError(`onPause must be a function, got ${preview(given)}`);
}

/**
 * An observer that never throws: watching a run must not disturb it.
 *
 * @throws {InvalidOptionError} when it is no function.
 */
export function checkObserver(given: RunObserver | undefined): RunObserver {
  if (given === undefined) return () => undefined;
  if (typeof given !== "function") throw new InvalidOptionError(`onEvent must be a function, got ${preview(given)}`);
  return (event) => {
    try {
      given(event);
    } catch {
      // Nobody to tell: the observer is the one to be told.
    }
  };
}

/**
 * The nodes whose values are to come home.
 *
 * @throws {InvalidOptionError} for anything but "returned" and "all".
 */
export function nodesToBringHome(graph: Graph, fetch: RunOptions["fetch"] = "returned"): readonly number[] {
  if (fetch === "returned") return [...nodesIn(graph.output)];
  if (fetch === "all") return graph.nodes.map(({ id }) => id);
  throw new InvalidOptionError(`fetch must be "returned" or "all", got ${preview(fetch)}`);
}
