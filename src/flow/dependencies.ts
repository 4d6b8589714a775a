/** Several edges at once. */
import type { FlowScope } from "./flow-scope.ts";
import { refuseUnknownOptions } from "./known-options.ts";

/** What a task waits for, what it takes, and what waits for it. */
export interface Dependencies {
  /** Tasks and handles to wait for. */
  readonly upstreamTasks?: readonly object[] | undefined;
  /** Tasks and handles that wait for it. */
  readonly downstreamTasks?: readonly object[] | undefined;
  /** Values, tasks and handles, by the property of the body's object argument that takes them. */
  readonly keywordTasks?: Readonly<Record<string, unknown>> | undefined;
  /** The task runs once for each element of what it waits for and takes. @default false */
  readonly mapped?: boolean | undefined;
}

const DEPENDENCIES = ["upstreamTasks", "downstreamTasks", "keywordTasks", "mapped", "flow"];

export function setDependencies(scope: FlowScope, task: object, dependencies: Dependencies): void {
  refuseUnknownOptions("setDependencies", dependencies, DEPENDENCIES);
  const { upstreamTasks = [], downstreamTasks = [], keywordTasks = {}, mapped } = dependencies;
  scope.ensure(task);
  for (const upstream of upstreamTasks) scope.connect({ upstream, downstream: task, options: { mapped } });
  for (const [key, upstream] of Object.entries(keywordTasks)) {
    scope.connect({ upstream, downstream: task, options: { key, mapped } });
  }
  for (const downstream of downstreamTasks) scope.connect({ upstream: task, downstream, options: {} });
}

export function chainTasks(scope: FlowScope, tasks: readonly object[]): void {
  for (const [index, downstream] of tasks.entries()) {
    const upstream = tasks[index - 1];
    if (upstream === undefined) scope.ensure(downstream);
    else scope.connect({ upstream, downstream, options: {} });
  }
}
