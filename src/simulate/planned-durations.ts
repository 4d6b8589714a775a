/** How long calls take, as far as a plan knows: given, measured by earlier runs, or assumed as the scaling code does. */
import { durationToMs } from "../base/duration.ts";
import { InvalidOptionError } from "../base/errors.ts";
import type { PlannedTask, PlanOptions } from "../flow/flow-plan.ts";
import type { Graph, TaskNode } from "../flow/graph.ts";

/** What earlier runs measured of a task, in milliseconds; undefined for tasks that none has run. */
export type MeasuredCalls = (task: string) => { readonly meanMs: number; readonly tailMs: number } | undefined;

/** How far low and high lie from likely: a guess is worth less than a measurement, and nothing known is worth little. */
const spread = {
  estimate: { low: 0.7, high: 1.5 },
  "earlier runs": { low: 0.8, high: 1.3 },
  assumption: { low: 0.1, high: 10 },
} as const;

export type PlannedDuration = Pick<PlannedTask, "callMs" | "callMsFrom">;

/** @param assumedMs for tasks of which nothing is known */
export function plannedDuration(
  node: TaskNode,
  estimates: NonNullable<PlanOptions["estimates"]>,
  measured: MeasuredCalls,
  assumedMs: number,
): PlannedDuration {
  const estimate = estimates[node.slug] ?? estimates[node.name];
  if (estimate !== undefined) return around(durationToMs(estimate), "estimate");
  const known = measured(node.name);
  return known === undefined ? around(assumedMs, "assumption") : around(known.meanMs, "earlier runs");
}

function around(likely: number, from: PlannedTask["callMsFrom"]): PlannedDuration {
  return {
    callMs: { low: likely * spread[from].low, likely, high: likely * spread[from].high },
    callMsFrom: from,
  };
}

/** @throws InvalidOptionError for a task that is not there, and for what is no duration */
export function checkEstimates({ flowName, nodes }: Graph, estimates: NonNullable<PlanOptions["estimates"]>): void {
  const tasks = nodes.filter((node) => node.kind === "task");
  const known = new Set(tasks.flatMap(({ name, slug }) => [name, slug]));
  for (const [name, given] of Object.entries(estimates)) {
    if (!known.has(name)) {
      const has = [...new Set(tasks.map((node) => node.name))].join(", ");
      throw new InvalidOptionError(`estimates: flow "${flowName}" has no task "${name}" (it has ${has})`);
    }
    const ms = durationToMs(given);
    if (!(ms >= 0 && Number.isFinite(ms))) {
      throw new InvalidOptionError(
        `estimates: ${name} must be milliseconds or text such as 500ms, 10s or 1m, got ${JSON.stringify(given)}`,
      );
    }
  }
}
