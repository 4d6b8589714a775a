import { CloudburstError } from "../base/errors.ts";
import { bundleFlow, type FlowBundle } from "../bundle/bundle-flow.ts";
import type { RunContext } from "./executor.ts";

/**
 * The code of a run's flow and tasks.
 *
 * @throws CloudburstError `task_not_in_bundle`, at once, for a task that no worker can find; rejects as `bundleFlow` does
 */
export function bundleOf(run: RunContext): Promise<FlowBundle> {
  refuseTasksOfBuilders(run);
  return bundleFlow({
    entry: run.definedIn,
    modules: run.tasks.flatMap((task) => task.definedIn ?? []),
    flowName: run.flowName,
    taskNames: run.tasks.map((task) => task.name),
  });
}

function refuseTasksOfBuilders({ tasks }: RunContext): void {
  const hidden = tasks.find((task) => task.madeInBuilderOf !== undefined);
  if (hidden?.madeInBuilderOf === undefined) return;
  throw new CloudburstError(
    "task_not_in_bundle",
    `task "${hidden.name}" is made inside the builder of flow "${hidden.madeInBuilderOf}", where workers do not find it ` +
      "(define it at the top level of the module; the LocalExecutor runs it as it is)",
    { data: { task: hidden.name } },
  );
}
