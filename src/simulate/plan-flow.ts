/** What `flow.plan()` does: counts calls, takes durations from what is known, and lets the very scaling code run on them. */
import type { Executor, ExecutorProfile } from "../executors/executor.ts";
import { InvalidOptionError } from "../base/errors.ts";
import type { FlowPlan, FlowPlanner, PlannableFlow, PlannedTask, PlanOptions } from "../flow/flow-plan.ts";
import type { TaskNode } from "../flow/graph.ts";
import { validateParameters } from "../flow/validate-parameters.ts";
import type { Planned, PlanMemory } from "./planned.ts";
import { formatPlan } from "./plan-text.ts";
import { plannedCalls } from "./planned-calls.ts";
import { checkEstimates, nothing, plannedDurations } from "./planned-durations.ts";
import { planOutcomes } from "./planned-outcome.ts";
import { stagesOf } from "./stages.ts";

export interface PlannerDeps {
  readonly now: () => number;
  readonly defaultExecutor: () => Executor | Promise<Executor>;
  readonly memoryOf: (flow: PlannableFlow, profile: ExecutorProfile) => Promise<PlanMemory>;
}

export function createFlowPlanner(deps: PlannerDeps): FlowPlanner {
  return async (flow, options) => {
    const { graph } = flow;
    const parameters = validateParameters(flow, options.parameters);
    const executor = options.executor ?? flow.executor ?? (await deps.defaultExecutor());
    const profile = executor.profile ?? { place: "custom" };
    const memory = await deps.memoryOf(flow, profile);
    const stages = stagesOf(graph, profile.fleet !== undefined);
    const tasks = planTasks({ graph, stages, memory }, parameters, options);
    if (tasks.size === 0)
      throw new InvalidOptionError(`flow "${graph.flowName}" has no task: there is nothing to plan`);
    return describe({ graph, stages, tasks, profile, memory, startedAt: deps.now() });
  };
}

function planTasks(
  { graph, stages, memory }: Pick<Planned, "graph" | "stages" | "memory">,
  parameters: Readonly<Record<string, unknown>>,
  { estimates = {}, widths = {} }: PlanOptions,
): ReadonlyMap<number, PlannedTask> {
  checkEstimates(graph, estimates);
  const calls = plannedCalls(graph, parameters, widths);
  const durations = plannedDurations({ graph, stages, estimates, measured: memory.task, calls });
  const nodes = graph.nodes.filter((node): node is TaskNode => node.kind === "task");
  return new Map(
    nodes.map(({ id, slug, name, mapped }) => {
      return [id, { slug, name, mapped, calls: calls[id], ...(durations.get(id) ?? nothing) }];
    }),
  );
}

function describe(planned: Planned): FlowPlan {
  const { graph, profile } = planned;
  const tasks = [...planned.tasks.values()];
  const unknown = [...unknownWidths(tasks), ...unknownFleet(profile)];
  const plan = {
    flowName: graph.flowName,
    tasks,
    outcome: unknown.length > 0 ? undefined : planOutcomes(planned),
    unknown,
    assumptions: assumptionsOf(planned, tasks),
  };
  return { ...plan, toString: () => formatPlan(plan, profile) };
}

function unknownWidths(tasks: readonly PlannedTask[]): readonly string[] {
  return tasks.flatMap(({ name, slug, calls }) => {
    if (calls !== undefined) return [];
    return [
      `how many calls ${slug} has is known only when the flow runs (give --width ${name}=<calls>, or \`widths\`)`,
    ];
  });
}

function unknownFleet({ place, fleet }: ExecutorProfile): readonly string[] {
  if (place === "in-process" || fleet !== undefined) return [];
  if (place === "shared") return ["the workers are a shared cluster's, which decides about them by itself"];
  return ["the executor does not tell what workers it has"];
}

function assumptionsOf({ stages, profile, memory }: Planned, tasks: readonly PlannedTask[]): readonly string[] {
  const assumed = tasks.filter(({ callMsFrom }) => callMsFrom === "assumption").map(({ slug }) => slug);
  const { fleet, place } = profile;
  const staged = stages.some(({ followsChildren }) => followsChildren);
  return [
    ...(assumed.length === 0
      ? []
      : [
          `nothing is known of how long ${assumed.join(", ")} takes: as the scaling code, a minute x the cube root of the calls`,
        ]),
    ...(fleet !== undefined && tasks.some(({ callMsFrom }) => callMsFrom === "estimate")
      ? ["the run does not know the times that are given: it scales by what it measures"]
      : []),
    "every call succeeds the first time",
    ...(staged ? ["a task that maps over another one's results begins when all of them are there"] : []),
    ...(fleet?.assumed ?? []),
    ...(place !== "fargate"
      ? []
      : [
          "the account's quota allows these workers",
          ...(memory.startUpMs === undefined ? ["a worker starts within 45 s (20 s to 90 s)"] : []),
          ...(fleet?.spot === true ? ["Spot can be had, at its usual discount, and takes no worker back"] : []),
        ]),
  ];
}
