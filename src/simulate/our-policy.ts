/** Cloudburst: the very `decide`, launch planner and drain choice of the executor, wired to the simulated world. */
import { paidUntil, type WorkerSnapshot } from "../adaptive/drain.ts";
import {
  fargateLaunchRate,
  type LaunchEvent,
  planLaunches,
  unansweredWorkers,
} from "../adaptive/launch-planner.ts";
import { createPace, observePace, type OtherRunsDepth, queuedByOthers } from "../adaptive/other-runs.ts";
import { createScaler, type RoundInput, scaleRound, type ScalerState } from "../adaptive/scale-round.ts";
import type { CallDuration, QueuedMessages, ScalingView, UpcomingWork } from "../adaptive/scaling-view.ts";
import { minimumBilledMs, unbilledStartUpMs, usdPerHour } from "./billing.ts";
import { type Batch, batchMs, callsOf, type Trace } from "./trace.ts";
import type { Policy, Worker, World } from "./world.ts";

const intervalMs = 1_000;
const waitCount = 3;
const targetDurationMs = 5_000;

export interface OursOptions {
  readonly name: string;
  /** Whether an earlier run has left durations and the start-up latency behind. */
  readonly remembers: boolean;
}

export function ours(trace: Trace, options: OursOptions): Policy {
  const { capacity, quota, startUpMs } = trace.cloud;
  let state: ScalerState = createScaler({ runId: "simulated", capacity, fallBack: true, rate: fargateLaunchRate }, 0);
  let now = 0;
  let pace = createPace(0);
  const startUps: number[] = [];
  const tell = (event: LaunchEvent): void => {
    state = { ...state, launches: planLaunches(state.launches, event, now).state };
  };
  const limits: RoundInput["limits"] = {
    minimum: 0,
    maximum: null,
    targetDurationMs,
    finishBy: undefined,
    budgetLeftUsd: undefined,
    quotaWorkers: quota,
    price: { usdPerHour: usdPerHour(capacity), minimumMs: minimumBilledMs, unbilledStartUpMs },
  };
  return {
    name: options.name,
    intervalMs,
    tick: (world) => {
      now = world.now;
      const measured = median(startUps) ?? (options.remembers ? startUpMs : undefined);
      pace = observePace(pace, foreignDepth(world), now);
      const unanswered = unansweredWorkers(state.launches);
      const view = viewOf(world, {
        startUpMs: measured,
        remembers: options.remembers,
        unanswered,
        otherRuns: queuedByOthers(pace),
      });
      const workers = (): Iterable<WorkerSnapshot> => snapshots(world);
      const round = { view, limits, options: { intervalMs, waitCount }, workers, moreWork: !world.finished };
      const result = scaleRound(state, round, now);
      state = result.state;
      for (const action of result.actions) {
        if (action.kind !== "launch") continue;
        const { token, count } = action.launch;
        tell({ kind: "answered", token, ...world.launch(count, action.launch.capacity) });
      }
      const leaving = new Set(result.drains);
      if (leaving.size > 0) for (const worker of world.alive) if (leaving.has(String(worker.id))) world.drain(worker);
    },
    joined: (worker) => {
      startUps.push((worker.joinedAt ?? 0) - worker.launchedAt);
      tell({ kind: "joined" });
      tell({ kind: "progressed" });
    },
    lost: (worker) => {
      const joined = worker.joinedAt !== undefined;
      tell({ kind: "lost", joined, interrupted: true, capacity: worker.capacity, reason: "SpotInterruption" });
    },
  };
}

interface DriverKnowledge {
  readonly startUpMs: number | undefined;
  readonly remembers: boolean;
  readonly unanswered: number;
  readonly otherRuns: QueuedMessages;
}

function viewOf(world: World, { startUpMs, remembers, unanswered, otherRuns }: DriverKnowledge): ScalingView {
  const { counts, now } = world;
  const busy = counts.busy - counts.leaving;
  const own = indices(world.trace).filter((index) => world.trace.batches[index]?.foreign === false);
  const remainingCalls = sum(own.map((index) => world.remainingIn(index)));
  const runningCalls = remainingCalls - sum(own.map((index) => world.waitingIn(index)));
  const starting = counts.starting + unanswered;
  return {
    work: {
      remainingCalls,
      runningCalls,
      callMs: callDuration(world, own, remembers),
      runningForMs: counts.runningCalls === 0 ? 0 : (now * counts.busy - counts.startSum) / counts.runningCalls,
      upcoming: upcomingWork(world, remembers),
      otherRuns,
    },
    fleet: {
      busy,
      idle: counts.here - busy,
      starting,
      startingForMs: counts.starting === 0 ? 0 : (now * counts.starting - counts.launchSum) / starting,
    },
    slotsPerWorker: 1,
    startUpMs,
    elapsedMs: now,
    spentWorkerMs: world.spentWorkerMs,
  };
}

/** Mean over the calls that remain, each with what is known of its task. */
function callDuration(world: World, own: readonly number[], remembers: boolean): CallDuration | undefined {
  let calls = 0;
  let totalMs = 0;
  let tailMs = 0;
  for (const index of own) {
    const known = durationOf(world, index, remembers);
    const remaining = world.remainingIn(index);
    if (known === undefined || remaining === 0) continue;
    calls += remaining;
    totalMs += remaining * known.meanMs;
    tailMs = Math.max(tailMs, known.tailMs);
  }
  return calls === 0 ? undefined : { meanMs: totalMs / calls, tailMs: Math.max(tailMs, totalMs / calls) };
}

function durationOf(world: World, index: number, remembers: boolean): CallDuration | undefined {
  const batch = world.trace.batches[index];
  const measured = world.durations.get(batch?.task ?? "");
  if (measured?.meanMs !== undefined) return { meanMs: measured.meanMs, tailMs: measured.tailMs };
  if (!remembers || batch === undefined) return undefined;
  return rememberedDuration(batch);
}

/** What an earlier run of the same flow has measured. */
const remembered = new WeakMap<Batch, CallDuration>();

function rememberedDuration(batch: Batch): CallDuration {
  const known = remembered.get(batch);
  if (known !== undefined) return known;
  let tailMs = 0;
  for (let i = 0; i < callsOf(batch); i += 1)
    tailMs = Math.max(tailMs, (batch.sums[i + 1] ?? 0) - (batch.sums[i] ?? 0));
  const meanMs = batchMs(batch) / callsOf(batch);
  const duration = { meanMs, tailMs: Math.max(meanMs, tailMs) };
  remembered.set(batch, duration);
  return duration;
}

/** The next stage, as the graph shows it, and when it is to be expected. */
function upcomingWork(world: World, remembers: boolean): UpcomingWork | undefined {
  const { batches } = world.trace;
  const index = batches.findIndex((batch, at) => batch.announced && world.releasedAt(at) === undefined);
  const next = batches[index];
  if (next === undefined || "atMs" in next.release) return undefined;
  const current = durationOf(world, index - 1, remembers);
  const callMs = durationOf(world, index, remembers)?.meanMs;
  if (current === undefined) return undefined;
  const slots = Math.max(1, world.counts.here);
  const { busy, startSum } = world.counts;
  const runningForMs = busy === 0 ? 0 : world.now - startSum / busy;
  const lastMs = Math.max(0, current.tailMs - runningForMs);
  const inMs = (world.waitingIn(index - 1) * current.meanMs) / slots + lastMs + next.release.afterPreviousMs;
  return { calls: callsOf(next), callMs, inMs };
}

function foreignDepth(world: World): OtherRunsDepth {
  const foreign = indices(world.trace).filter((index) => world.trace.batches[index]?.foreign === true);
  const depths = foreign.map((index) => world.messagesIn(index));
  const inFlight = sum(depths.map((depth) => depth.inFlight));
  return { messages: inFlight + sum(depths.map(({ waiting }) => waiting)), inFlight };
}

function* snapshots(world: World): Iterable<WorkerSnapshot> {
  for (const worker of world.alive) if (worker.state === "here") yield snapshot(worker, world.now);
}

function snapshot(worker: Worker, now: number): WorkerSnapshot {
  return {
    id: String(worker.id),
    idleSince: worker.chunk === undefined ? worker.idleSince : undefined,
    paidUntil: paidUntil(worker.billedFrom, minimumBilledMs, now),
  };
}

function indices(trace: Trace): readonly number[] {
  return trace.batches.map((_, index) => index);
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
