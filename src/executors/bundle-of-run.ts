import { bundleFlow, type FlowBundle } from "../bundle/bundle-flow.ts";
import type { RunContext } from "./executor.ts";

/** The code of a run's flow and tasks. @throws CloudburstError as `bundleFlow` does */
export async function bundleOf(run: RunContext): Promise<FlowBundle> {
  return await bundleFlow({
    entry: run.definedIn,
    modules: run.tasks.flatMap((task) => task.definedIn ?? []),
    flowName: run.flowName,
    taskNames: run.tasks.map((task) => task.name),
  });
}
