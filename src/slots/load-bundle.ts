/** Makes a flow's bundle ready to run its tasks: evaluates the module and learns which tasks it defines. */
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { CloudburstError, toError } from "../base/errors.ts";
import type { CallerParts } from "../flow/caller.ts";
import { startCollectingTasks } from "../flow/task-registry.ts";

/** Called by the bundle's inert `flow.run()`: a script that awaits it at its top level has defined its tasks by then. */
const onRun = Symbol.for("cloudburst.onRun");

export interface LoadedBundle {
  /** @throws CloudburstError when the bundle does not define the task, or defines two of that name */
  task(name: string): CallerParts["task"];
}

export async function loadBundle(file: string): Promise<LoadedBundle> {
  const tasks = startCollectingTasks();
  try {
    await evaluate(file);
  } catch (error) {
    throw new CloudburstError(
      "bundle_load_failed",
      `the flow's module throws when it is loaded on a worker: ${toError(error).message} ` +
        "(workers evaluate the module's top level to find its tasks; move what needs the driver's machine into a function)",
      { cause: error },
    );
  }
  return {
    task(name) {
      const found = tasks.get(name) ?? [];
      const only = found[0];
      if (only === undefined) throw missingTask(name);
      if (!found.every((other) => isSameTask(only, other))) throw ambiguousTask(name);
      return only;
    },
  };
}

/**
 * Instances of one task class with the same fields do the same: a flow that is built task by task makes one for each use.
 * Their options are the driver's business, and parsed ones hold functions that are never the same.
 */
function isSameTask(one: { readonly run: unknown }, other: { readonly run: unknown }): boolean {
  return one === other || (one.run === other.run && isDeepStrictEqual(fieldsOf(one), fieldsOf(other)));
}

function fieldsOf(task: object): object {
  return { ...task, options: undefined, nodeOptions: undefined };
}

async function evaluate(file: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    Reflect.set(globalThis, onRun, resolve);
    import(pathToFileURL(file).href).then(() => resolve(), reject);
  });
}

function missingTask(name: string): CloudburstError {
  return new CloudburstError(
    "task_not_in_bundle",
    `task "${name}" is not defined when its module is loaded on a worker ` +
      "(define it at the top level of the module, before `flow.run()`, not inside a function or a flow's builder)",
    { data: { task: name } },
  );
}

function ambiguousTask(name: string): CloudburstError {
  return new CloudburstError(
    "ambiguous_task",
    `two tasks are named "${name}" in the modules of this flow, and a worker cannot tell them apart (rename one)`,
    { data: { task: name } },
  );
}
