/** How long calls take, as far as a plan knows: given, measured by earlier runs, or assumed as the scaling code does. */
import { durationToMs } from "../base/duration.ts";
import { InvalidOptionError } from "../base/errors.ts";
import type { PlannedTask, PlanOptions } from "../flow/flow-plan.ts";
import { assumedCallMs } from "../adaptive/work-estimate.ts";
import type { Graph } from "../flow/graph.ts";
import { isRange } from "./planned-calls.ts";
import type { Stage } from "./stages.ts";

/**
 * What earlier runs measured, in milliseconds; undefined for what none has run. A chain of tasks that run one after the
 * other on a worker goes by the slug of its first.
 */
export type MeasuredCalls = (slug: string) =>
  | {
      readonly meanMs: number;
      readonly tailMs: number;
      /** Of the latest runs. */ readonly meansMs?: readonly number[];
    }
  | undefined;

/** Milliseconds. */
interface Range {
  readonly low: number;
  readonly high: number;
}

/**
 * How far low and high lie from likely where too few runs have measured: chosen, not measured. A guess is worth less than a
 * measurement, and nothing known is worth little.
 */
const spread = {
  estimate: { low: 0.7, high: 1.5 },
  "earlier runs": { low: 0.8, high: 1.3 },
  assumption: { low: 0.1, high: 10 },
  library: { low: 1, high: 1 },
} as const;

/** What `range` takes is nothing beside the chunk that it travels in. */
const rangeMs = 1;

export type PlannedDuration = Pick<PlannedTask, "callMs" | "callMsFrom">;

export const nothing: PlannedDuration = around(0, "earlier runs");

export interface DurationSources {
  readonly graph: Graph;
  readonly stages: readonly Stage[];
  readonly estimates: NonNullable<PlanOptions["estimates"]>;
  readonly measured: MeasuredCalls;
  /** By node. */
  readonly calls: readonly (number | undefined)[];
}

/** By node. What is given goes before what was measured, and that before what is assumed. */
export function plannedDurations(sources: DurationSources): ReadonlyMap<number, PlannedDuration> {
  return new Map(sources.stages.flatMap((stage) => durationsIn(stage, sources)));
}

function durationsIn({ nodes }: Stage, sources: DurationSources): (readonly [number, PlannedDuration])[] {
  const tasks = nodes.map((id) => sources.graph.nodes[id]).filter((node) => node?.kind === "task");
  const given = tasks.map(({ slug, name }) => sources.estimates[slug] ?? sources.estimates[name]);
  const chain = sources.measured(tasks[0]?.slug ?? "");
  return tasks.map((node, position) => {
    const estimate = given[position];
    if (estimate !== undefined) return [node.id, around(durationToMs(estimate), "estimate")];
    if (isRange(node)) return [node.id, around(rangeMs, "library")];
    if (chain === undefined) return [node.id, around(assumedCallMs(sources.calls[node.id] ?? 1), "assumption")];
    // The measured time is the whole chain's: its first task stands for all, unless the user tells them apart.
    const whole = position === 0 && given.every((each) => each === undefined);
    const { likely, ...measured } = measuredRange(chain.meansMs, chain.meanMs);
    return [node.id, whole ? around(likely, "earlier runs", measured) : nothing];
  });
}

function around(likely: number, from: PlannedTask["callMsFrom"], range?: Range): PlannedDuration {
  const { low, high } = range ?? { low: likely * spread[from].low, high: likely * spread[from].high };
  return { callMs: { low, likely, high }, callMsFrom: from };
}

/** The least runs whose range says something: of five alike, two of three further ones fall into it. */
const fewestRuns = 3;

/**
 * The median of the latest runs, between the least and the most of them. Where they are too few, the last one, give or
 * take what is usual.
 */
export function measuredRange(latest: readonly number[] | undefined = [], last: number): Range & { likely: number } {
  const sorted = [...latest].sort((a, b) => a - b);
  const [low, likely, high] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  if (sorted.length >= fewestRuns && low !== undefined && likely !== undefined && high !== undefined) {
    return { low, likely, high };
  }
  const { low: less, high: more } = spread["earlier runs"];
  return { low: last * less, likely: last, high: last * more };
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
