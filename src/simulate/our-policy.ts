/** Cloudburst: the very `decide`, launch planner and drain choice of the executor, wired to the simulated world. */
import type { AdaptOptions } from "../adaptive/adapt-options.ts";
import { paidUntil, type WorkerSnapshot } from "../adaptive/drain.ts";
import { fargateLaunchRate, type LaunchEvent, planLaunches, unansweredWorkers } from "../adaptive/launch-planner.ts";
import { createPace, observePace, queuedByOthers } from "../adaptive/other-runs.ts";
import {
  createScaler,
  type RoundInput,
  type RoundResult,
  scaleRound,
  type ScalerState,
} from "../adaptive/scale-round.ts";
import type { WorkerPrice } from "../adaptive/scaling-view.ts";
import { type DriverMemory, foreignDepth, viewOf } from "./driver-view.ts";
import type { Policy, World } from "./world.ts";
import type { Worker } from "./worker.ts";

export interface OursOptions {
  readonly name: string;
  /** `finishBy` counts from the beginning of the run, as the simulated time does. */
  readonly adapt: Omit<AdaptOptions, "usdPerWorkerHour">;
  /** What the decisions take a worker to cost. @default what it is billed */
  readonly price?: WorkerPrice;
  /** Whether on-demand workers stand in while Spot cannot be had. */
  readonly fallBack: boolean;
  readonly memory: DriverMemory;
  /** Whether all workers end with the run, as those of a temporary cluster do. @default false */
  readonly endsWithRun?: boolean;
  /** Told after each round, before what it has decided is done. */
  readonly onRound?: (result: RoundResult, input: RoundInput, now: number) => void;
}

export function ours(options: OursOptions): Policy {
  const { adapt, memory } = options;
  let state: ScalerState | undefined;
  let now = 0;
  let pace = createPace(0);
  const startUps: number[] = [];
  const tell = (event: LaunchEvent): void => {
    if (state !== undefined) state = { ...state, launches: planLaunches(state.launches, event, now).state };
  };
  return {
    name: options.name,
    intervalMs: adapt.intervalMs,
    endsWithRun: options.endsWithRun ?? false,
    tick: (world) => {
      now = world.now;
      state ??= scalerFor(world, options);
      pace = observePace(pace, foreignDepth(world), now);
      const startUpMs = median(startUps) ?? memory.startUpMs;
      const unanswered = unansweredWorkers(state.launches);
      const view = viewOf(world, { memory: { ...memory, startUpMs }, unanswered, otherRuns: queuedByOthers(pace) });
      const limits = limitsOf(world, options);
      const workers = (): Iterable<WorkerSnapshot> => snapshots(world);
      const input = { view, limits, options: adapt, workers, moreWork: !world.finished };
      const result = scaleRound(state, input, now);
      state = result.state;
      options.onRound?.(result, input, now);
      for (const action of result.actions) {
        if (action.kind !== "launch") continue;
        const { token, count } = action.launch;
        tell({ kind: "answered", token, ...world.launch(count, action.launch.capacity) });
      }
      const leaving = new Set(result.drains);
      if (leaving.size > 0) for (const worker of world.alive) if (leaving.has(String(worker.id))) world.drain(worker);
      if (result.decision.reason.won === "budget" && result.decision.target + world.alive.size === 0) world.giveUp();
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

function scalerFor({ trace }: World, { fallBack }: OursOptions): ScalerState {
  return createScaler({ runId: "simulated", capacity: trace.cloud.capacity, fallBack, rate: fargateLaunchRate }, 0);
}

function limitsOf(world: World, { adapt, price }: OursOptions): RoundInput["limits"] {
  const { minimum, maximum, targetDurationMs, finishBy, budgetUsd } = adapt;
  const { capacity, quota, billing } = world.trace.cloud;
  return {
    minimum,
    maximum,
    targetDurationMs,
    finishBy,
    budgetLeftUsd: budgetUsd === undefined ? undefined : Math.max(0, budgetUsd - world.spentUsd),
    quotaWorkers: Number.isFinite(quota) ? quota : undefined,
    price: price ?? { ...billing, usdPerHour: billing.usdPerHour[capacity] },
  };
}

function* snapshots(world: World): Iterable<WorkerSnapshot> {
  const { billing } = world.trace.cloud;
  for (const worker of world.alive) if (worker.state === "here") yield snapshot(worker, billing.minimumMs, world.now);
}

function snapshot(worker: Worker, minimumMs: number, now: number): WorkerSnapshot {
  return {
    id: String(worker.id),
    idleSince: worker.chunks.size === 0 ? worker.idleSince : undefined,
    paidUntil: paidUntil(worker.billedFrom, minimumMs, now),
  };
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
