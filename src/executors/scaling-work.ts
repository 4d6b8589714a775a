/** What the scaling decision sees of the work: the driver's own counts, with durations measured here or remembered. */
import type { CallDuration, FleetView, UpcomingWork, WorkView } from "../adaptive/scaling-view.ts";
import type { PlannedCalls } from "./executor.ts";
import type { TaskLoad, Workload } from "./workload.ts";

/** What earlier runs have left behind of a task. */
export interface RememberedTask extends CallDuration {
  readonly calls: number;
}

export interface WorkSources {
  readonly load: Workload;
  /** Undefined: nobody knows what comes. */
  readonly planned: readonly PlannedCalls[] | undefined;
  readonly remembered: (slug: string) => RememberedTask | undefined;
  readonly slotsPerWorker: number;
  /** How long the busy workers have had what they have in hand, on average. */
  readonly workingForMs: number;
}

export function workView(sources: WorkSources, fleet: FleetView): WorkView {
  const { load, slotsPerWorker, workingForMs } = sources;
  const perChunk = load.callsInChunks / Math.max(1, load.chunks);
  const runningChunks = Math.min(load.chunks, fleet.busy * slotsPerWorker);
  return {
    remainingCalls: total(load.tasks.map(({ remainingCalls }) => remainingCalls)),
    runningCalls: Math.round(runningChunks * perChunk),
    callMs: meanDuration(sources),
    runningForMs: fleet.busy === 0 ? 0 : workingForMs / Math.max(1, perChunk),
    upcoming: upcomingWork(sources, fleet),
    otherRuns: { messages: 0, messageMs: 0 }, // the queue is the run's own
  };
}

/** Mean over the calls that remain, each with what is known of its task. */
function meanDuration(sources: WorkSources): CallDuration | undefined {
  const known = sources.load.tasks.flatMap(({ slug, remainingCalls }) => {
    const duration = durationOf(slug, sources);
    return duration === undefined ? [] : [{ remainingCalls, duration }];
  });
  const calls = total(known.map(({ remainingCalls }) => remainingCalls));
  if (calls === 0) return undefined;
  const meanMs = total(known.map(({ remainingCalls, duration }) => remainingCalls * duration.meanMs)) / calls;
  return { meanMs, tailMs: Math.max(meanMs, ...known.map(({ duration }) => duration.tailMs)) };
}

/** What is measured in this run counts; before, what an earlier one has left. */
function durationOf(slug: string, { load, remembered }: WorkSources): CallDuration | undefined {
  return load.measured(slug) ?? remembered(slug);
}

interface Arrival {
  readonly calls: number;
  readonly callMs: number | undefined;
  readonly inMs: number;
}

/** The next stage, as the graph shows it: what comes first, and when. */
function upcomingWork(sources: WorkSources, fleet: FleetView): UpcomingWork | undefined {
  const arrivals = (sources.planned ?? []).flatMap((planned) => arrivalOf(planned, sources, fleet));
  const inMs = Math.min(...arrivals.map((arrival) => arrival.inMs));
  const next = arrivals.filter((arrival) => arrival.inMs <= inMs);
  if (next.length === 0) return undefined;
  const calls = total(next.map((arrival) => arrival.calls));
  const known = next.every(({ callMs }) => callMs !== undefined);
  const workMs = total(next.map((arrival) => arrival.calls * (arrival.callMs ?? 0)));
  return { calls, callMs: known ? workMs / calls : undefined, inMs };
}

/** Nothing where it is not the next to come, or where the number of its calls or the time until then cannot be told. */
function arrivalOf({ slug, calls, after }: PlannedCalls, sources: WorkSources, fleet: FleetView): readonly Arrival[] {
  const { load, remembered } = sources;
  const width = calls ?? (after.length === 0 ? undefined : remembered(slug)?.calls);
  if (width === undefined || width === 0) return [];
  const before = after.map((each) => load.tasks.find(({ chain }) => chain.includes(each)));
  const slots = Math.max(1, fleet.busy + fleet.idle) * sources.slotsPerWorker;
  const waits = before.map((task) => (task === undefined ? undefined : endOf(task, sources, slots)));
  if (waits.includes(undefined)) return [];
  const callMs = durationOf(slug, sources)?.meanMs;
  return [{ calls: width, callMs, inMs: Math.max(0, ...waits.map(Number)) }];
}

/** When the calls of a task will have ended: all waves, the last of which has the longest call in it. */
function endOf(task: TaskLoad, sources: WorkSources, slots: number): number | undefined {
  const duration = durationOf(task.slug, sources);
  if (duration === undefined) return undefined;
  const inWork = Math.min(task.remainingCalls, slots);
  const lastMs = Math.max(0, duration.tailMs - sources.workingForMs);
  return ((task.remainingCalls - inWork) * duration.meanMs) / slots + lastMs;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}
