/** What a driver would see of the simulated world, and what earlier runs have told it. */
import type { OtherRunsDepth } from "../adaptive/other-runs.ts";
import type { CallDuration, QueuedMessages, ScalingView, UpcomingWork } from "../adaptive/scaling-view.ts";
import { type Batch, batchMs, callsOf, type Trace } from "./trace.ts";
import type { World } from "./world.ts";

/** What earlier runs have left behind. */
export interface DriverMemory {
  /** From RunTask to hello. */
  readonly startUpMs: number | undefined;
  readonly durationOf: (batch: Batch) => CallDuration | undefined;
}

export const noMemory: DriverMemory = { startUpMs: undefined, durationOf: () => undefined };

/** A memory of the very run that is simulated: as exact as an earlier run of the same flow could have made it. */
export function exactMemory(batches: readonly Batch[], startUpMs: number): DriverMemory {
  const known = new Map(batches.map((batch) => [batch, durationIn(batch)]));
  return { startUpMs, durationOf: (batch) => known.get(batch) };
}

function durationIn(batch: Batch): CallDuration {
  let tailMs = 0;
  for (let i = 0; i < callsOf(batch); i += 1)
    tailMs = Math.max(tailMs, (batch.sums[i + 1] ?? 0) - (batch.sums[i] ?? 0));
  const meanMs = batchMs(batch) / callsOf(batch);
  return { meanMs, tailMs: Math.max(meanMs, tailMs) };
}

export interface DriverKnowledge {
  readonly memory: DriverMemory;
  /** Workers that were requested in requests without an answer. */
  readonly unanswered: number;
  readonly otherRuns: QueuedMessages;
}

export function viewOf(world: World, { memory, unanswered, otherRuns }: DriverKnowledge): ScalingView {
  const { counts, now, trace } = world;
  const busy = counts.busy - counts.leaving;
  const own = indices(trace).filter((index) => trace.batches[index]?.foreign === false);
  const remainingCalls = sum(own.map((index) => world.remainingIn(index)));
  const runningCalls = remainingCalls - sum(own.map((index) => world.waitingIn(index)));
  const starting = counts.starting + unanswered;
  const runningChunksMs = now * counts.runningChunks - counts.startSum;
  return {
    work: {
      remainingCalls,
      runningCalls,
      callMs: callDuration(world, own, memory),
      runningForMs: counts.runningCalls === 0 ? 0 : runningChunksMs / counts.runningCalls,
      upcoming: upcomingWork(world, memory),
      otherRuns,
    },
    fleet: {
      busy,
      idle: counts.here - busy,
      starting,
      startingForMs: counts.starting === 0 ? 0 : (now * counts.starting - counts.launchSum) / starting,
    },
    slotsPerWorker: trace.cloud.slotsPerWorker,
    startUpMs: memory.startUpMs,
    elapsedMs: now,
    spentWorkerMs: world.spentWorkerMs,
  };
}

/** Mean over the calls that remain, each with what is known of its task. */
function callDuration(world: World, own: readonly number[], memory: DriverMemory): CallDuration | undefined {
  let calls = 0;
  let totalMs = 0;
  let tailMs = 0;
  for (const index of own) {
    const known = durationOf(world, index, memory);
    const remaining = world.remainingIn(index);
    if (known === undefined || remaining === 0) continue;
    calls += remaining;
    totalMs += remaining * known.meanMs;
    tailMs = Math.max(tailMs, known.tailMs);
  }
  return calls === 0 ? undefined : { meanMs: totalMs / calls, tailMs: Math.max(tailMs, totalMs / calls) };
}

function durationOf(world: World, index: number, memory: DriverMemory): CallDuration | undefined {
  const batch = world.trace.batches[index];
  if (batch === undefined) return undefined;
  const measured = world.durations.get(batch.task);
  if (measured?.meanMs !== undefined) return { meanMs: measured.meanMs, tailMs: measured.tailMs };
  return memory.durationOf(batch);
}

/** The next stage, as the graph shows it, and when it is to be expected: after the slowest of those that it waits for. */
function upcomingWork(world: World, memory: DriverMemory): UpcomingWork | undefined {
  const { batches } = world.trace;
  const index = batches.findIndex((batch, at) => batch.announced && world.releasedAt(at) === undefined);
  const next = batches[index];
  if (next === undefined || "atMs" in next.release) return undefined;
  const { after, delayMs } = next.release;
  const waits = after.map((before) => msUntilEnd(world, before, memory));
  if (!waits.every((ms) => ms !== undefined)) return undefined;
  return {
    calls: callsOf(next),
    callMs: durationOf(world, index, memory)?.meanMs,
    inMs: Math.max(...waits) + delayMs,
  };
}

function msUntilEnd(world: World, batch: number, memory: DriverMemory): number | undefined {
  const current = durationOf(world, batch, memory);
  if (current === undefined) return undefined;
  const { runningChunks, startSum } = world.counts;
  const runningForMs = runningChunks === 0 ? 0 : world.now - startSum / runningChunks;
  const lastMs = Math.max(0, current.tailMs - runningForMs);
  return (world.waitingIn(batch) * current.meanMs) / Math.max(1, world.slots) + lastMs;
}

export function foreignDepth(world: World): OtherRunsDepth {
  const foreign = indices(world.trace).filter((index) => world.trace.batches[index]?.foreign === true);
  const depths = foreign.map((index) => world.messagesIn(index));
  const inFlight = sum(depths.map((depth) => depth.inFlight));
  return { messages: inFlight + sum(depths.map(({ waiting }) => waiting)), inFlight };
}

function indices(trace: Trace): readonly number[] {
  return trace.batches.map((_, index) => index);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
