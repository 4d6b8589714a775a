/** Tells who wants to know about each task that is made. A worker that loads a bundle finds its tasks so. */

import type { ExecutableTask } from "../executors/executor.ts";

// A symbol of the global registry: a bundle carries its own copy of this module.
const LISTENER = Symbol.for("cloudburst.onTask");

type TaskListener = (task: ExecutableTask) => void;

interface GlobalWithListener {
  [LISTENER]?: TaskListener | undefined;
}

/** Called by each task when it is made. Without a listener nothing is kept, so that tasks can be collected as garbage. */
export function announceTask(task: ExecutableTask): void {
  (globalThis as GlobalWithListener)[LISTENER]?.(task);
}

/** From now on every new task is kept in the returned map, by its name; several of one name in the order of making. */
export function startCollectingTasks(): ReadonlyMap<string, readonly ExecutableTask[]> {
  const tasks = new Map<string, ExecutableTask[]>();
  (globalThis as GlobalWithListener)[LISTENER] = (task) => {
    const sameName = tasks.get(task.name);
    if (sameName === undefined) tasks.set(task.name, [task]);
    else sameName.push(task);
  };
  return tasks;
}
