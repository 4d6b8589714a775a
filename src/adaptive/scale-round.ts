/** One round of scaling: decide, request what is missing, let go what is too much. The driver's loop and the simulator run it. */
import type { AdaptOptions } from "./adapt-options.ts";
import { decide } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { agreeToShrink, chooseDrains, type ShrinkVotes, type WorkerSnapshot } from "./drain.ts";
import {
  createLaunchState,
  type LaunchAction,
  type LaunchPolicy,
  type LaunchState,
  planLaunches,
} from "./launch-planner.ts";
import type { ScalingLimits, ScalingView } from "./scaling-view.ts";

export interface ScalerState {
  readonly launches: LaunchState;
  readonly votes: ShrinkVotes;
}

export interface RoundInput {
  /** Its `fleet.starting` contains `unansweredWorkers(state.launches)`. */
  readonly view: ScalingView;
  readonly limits: ScalingLimits;
  readonly options: Pick<AdaptOptions, "intervalMs" | "waitCount">;
  /** Workers that have joined and were not asked to leave; looked at only when there are too many. */
  readonly workers: () => Iterable<WorkerSnapshot>;
  /** Whether calls remain or may come. */
  readonly moreWork: boolean;
}

export interface RoundResult {
  readonly state: ScalerState;
  readonly decision: Decision;
  readonly actions: readonly LaunchAction[];
  /** Workers that are to leave. */
  readonly drains: readonly string[];
}

export function createScaler(policy: LaunchPolicy, now: number): ScalerState {
  return { launches: createLaunchState(policy, now), votes: [] };
}

export function scaleRound(state: ScalerState, input: RoundInput, now: number): RoundResult {
  const { view, limits, options, moreWork } = input;
  const decision = decide(view, limits, now);
  const wanted = { kind: "wanted", workers: decision.launch, fleetSize: decision.target } as const;
  const launches = planLaunches(state.launches, wanted, now);
  const moneyIsOut = decision.reason.won === "budget";
  const { votes, surplus } = agreeToShrink(state.votes, decision.surplus, moneyIsOut ? 1 : options.waitCount);
  // Of what is paid for, money that is out allows only what ends in time.
  const leaveMs = moneyIsOut ? (limits.leaveMs ?? 0) + (view.work.callMs?.tailMs ?? 0) : 0;
  const intervalMs = options.intervalMs + leaveMs;
  const drains = surplus === 0 ? [] : chooseDrains(input.workers(), { surplus, moreWork, now, intervalMs, moneyIsOut });
  return { state: { launches: launches.state, votes }, decision, actions: launches.actions, drains };
}
