/**
 * When, where and in which batches missing workers are requested: `(state, event, now) -> { state, actions }`, without
 * clock, network or chance, so that the driver's loop and the simulator run the same.
 *
 *  L1 Never faster than the account lets through: one token bucket for Spot, one for on-demand.
 *  L2 A batch has a client token of its own. It is repeated under that token as long as nobody knows whether it was
 *     carried out, so nothing is ever launched twice.
 *  L3 Refusals of one wave count once, however many batches it had.
 *  L4 After giving up nothing is launched any more.
 */
import {
  afterAsking,
  afterSpotRefused,
  afterSpotStarted,
  type Capacity,
  capacityAt,
  type CapacityChoice,
  firstChoice,
  standsIn,
} from "./capacity-choice.ts";
import { failureKind, type FailureKind, failureText, type LaunchFailure, withRemedy } from "./launch-failure.ts";
import {
  noStarts,
  recordFailedStart,
  recordHello,
  recordLoss,
  recordProgress,
  recordStarts,
  startProblem,
  type StartRecord,
} from "./start-breaker.ts";
import { type Bucket, type BucketRate, fullBucket, takeTokens, tokensAt } from "./token-bucket.ts";

/** RunTask takes ten at most. */
const batchSize = 10;
/** What an account may launch in most regions, for Spot and on-demand each (https://docs.aws.amazon.com/general/latest/gr/ecs-service.html). */
export const fargateLaunchRate: BucketRate = { burst: 100, perSecond: 20 };

export interface LaunchPolicy {
  /** Prefix of the client tokens, at most 50 characters. */
  readonly runId: string;
  readonly capacity: Capacity;
  /** Whether on-demand stands in when Spot cannot be had. */
  readonly fallBack: boolean;
  readonly rate: BucketRate;
}

export interface Launch {
  readonly token: string;
  readonly count: number;
  readonly capacity: Capacity;
}

export type LaunchEvent =
  /** So many workers are missing now; those requested and not yet answered are not among them. Also serves as a tick. */
  | { readonly kind: "wanted"; readonly workers: number; readonly fleetSize: number }
  /** A reply of status 200, which may have started fewer than asked. */
  | {
      readonly kind: "answered";
      readonly token: string;
      readonly started: number;
      readonly failures: readonly LaunchFailure[];
    }
  /** An exception, or no reply at all. */
  | { readonly kind: "refused"; readonly token: string; readonly failure: LaunchFailure }
  | { readonly kind: "joined" }
  /** A worker ended that was not asked to. `interrupted`: Spot took it back. */
  | {
      readonly kind: "lost";
      readonly joined: boolean;
      readonly interrupted: boolean;
      readonly capacity: Capacity;
      readonly reason: string | undefined;
    }
  /** Something was committed. */
  | { readonly kind: "progressed" };

export type LaunchAction =
  | { readonly kind: "launch"; readonly launch: Launch }
  /** The run cannot go on: nothing that is tried again would help. */
  | { readonly kind: "give-up"; readonly code: "launch_refused" | "workers_cannot_start"; readonly message: string }
  /** Something that the user should know, said once. */
  | { readonly kind: "tell"; readonly message: string };

/** Why nothing is launched until `until`. */
interface Hold {
  readonly kind: FailureKind;
  readonly attempt: number;
  readonly since: number;
  readonly until: number;
}

interface SentLaunch extends Launch {
  readonly sentAt: number;
}

export interface LaunchState {
  readonly policy: LaunchPolicy;
  readonly launches: number;
  readonly buckets: Readonly<Record<Capacity, Bucket>>;
  readonly unanswered: readonly SentLaunch[];
  /** To be sent once more under the same token (L2). */
  readonly repeats: readonly Launch[];
  readonly hold: Hold | undefined;
  readonly choice: CapacityChoice;
  readonly starts: StartRecord;
  readonly fleetSize: number;
  readonly gaveUp: boolean;
}

export interface LaunchStep {
  readonly state: LaunchState;
  readonly actions: readonly LaunchAction[];
}

export function createLaunchState(policy: LaunchPolicy, now: number): LaunchState {
  return {
    policy,
    launches: 0,
    buckets: { spot: fullBucket(policy.rate, now), "on-demand": fullBucket(policy.rate, now) },
    unanswered: [],
    repeats: [],
    hold: undefined,
    choice: firstChoice(policy.capacity, policy.fallBack),
    starts: noStarts,
    fleetSize: 0,
    gaveUp: false,
  };
}

/** Workers requested of which nothing is known yet: they count as starting. */
export function unansweredWorkers(state: LaunchState): number {
  return [...state.unanswered, ...state.repeats].reduce((sum, { count }) => sum + count, 0);
}

/** What keeps missing workers from being requested now, once a tick has gone by; undefined when nothing does. */
export function launchObstacle(
  state: LaunchState,
  now: number,
): "launch rate" | "Spot" | "capacity" | "quota" | undefined {
  const { hold, choice } = state;
  if (hold === undefined || hold.kind === "throttled") return "launch rate";
  if (hold.kind === "capacity") return capacityAt(choice, now) === "spot" ? "Spot" : "capacity";
  return hold.kind === "quota" ? "quota" : undefined;
}

export function planLaunches(state: LaunchState, event: LaunchEvent, now: number): LaunchStep {
  if (state.gaveUp) return { state, actions: [] }; // L4
  switch (event.kind) {
    case "wanted":
      return send({ ...state, fleetSize: event.fleetSize }, event.workers, now);
    case "answered":
      return answered(state, event, now);
    case "refused":
      return refused(state, event, now);
    case "joined":
      return { state: { ...state, starts: recordHello(state.starts) }, actions: [] };
    case "progressed":
      return { state: { ...state, starts: recordProgress(state.starts) }, actions: [] };
    case "lost":
      return checkStarts(lost(state, event, now), now);
  }
}

function send(state: LaunchState, missing: number, now: number): LaunchStep {
  const checked = checkStarts(state, now);
  if (checked.state.gaveUp || now < heldUntil(state)) return checked;
  let next = state;
  const actions: LaunchAction[] = [];
  const push = (launch: Launch): boolean => {
    if (tokensAt(next.buckets[launch.capacity], next.policy.rate, now) < launch.count) return false; // L1
    next = sent(next, launch, now);
    actions.push({ kind: "launch", launch });
    return true;
  };
  for (const launch of state.repeats) if (!push(launch)) return { state: next, actions };
  // After a refusal a single batch asks whether it is over.
  let left = state.hold === undefined ? missing : Math.min(missing, batchSize);
  while (left > 0) {
    const launch = nextBatch(next, left, now);
    if (launch === undefined || !push(launch)) break;
    left -= launch.count;
  }
  return { state: next, actions };
}

/** As many as the bucket lets through, ten at most; a few tokens are not worth a request unless a few are missing. */
function nextBatch(state: LaunchState, missing: number, now: number): Launch | undefined {
  const capacity = capacityAt(state.choice, now);
  const tokens = Math.floor(tokensAt(state.buckets[capacity], state.policy.rate, now));
  const wanted = Math.min(missing, batchSize);
  if (tokens < wanted) return undefined;
  return { token: `${state.policy.runId}-${state.launches + 1}`, count: wanted, capacity };
}

function sent(state: LaunchState, launch: Launch, now: number): LaunchState {
  const repeated = state.repeats.some(({ token }) => token === launch.token);
  return {
    ...state,
    launches: state.launches + (repeated ? 0 : 1),
    buckets: {
      ...state.buckets,
      [launch.capacity]: takeTokens(state.buckets[launch.capacity], state.policy.rate, launch.count, now),
    },
    unanswered: [...state.unanswered, { ...launch, sentAt: now }],
    repeats: state.repeats.filter(({ token }) => token !== launch.token),
    choice: launch.capacity === "spot" ? afterAsking(state.choice, now) : state.choice,
  };
}

function answered(state: LaunchState, event: Extract<LaunchEvent, { kind: "answered" }>, now: number): LaunchStep {
  const launch = state.unanswered.find(({ token }) => token === event.token);
  if (launch === undefined) return { state, actions: [] };
  let next: LaunchState = { ...settled(state, launch), starts: recordStarts(state.starts, event.started, now) };
  if (event.started > 0 && launch.capacity === "spot") next = { ...next, choice: afterSpotStarted(next.choice) };
  const failure = event.failures[0];
  if (failure !== undefined) return failed(next, launch, failure, now);
  return { state: { ...next, hold: launch.sentAt >= (state.hold?.until ?? 0) ? undefined : next.hold }, actions: [] };
}

function refused(state: LaunchState, event: Extract<LaunchEvent, { kind: "refused" }>, now: number): LaunchStep {
  const launch = state.unanswered.find(({ token }) => token === event.token);
  if (launch === undefined) return { state, actions: [] };
  const { token, count, capacity } = launch;
  // Nobody knows whether a request without a reply was carried out: only its own token may ask again (L2).
  const repeat = failureKind(event.failure) === "transient" ? [{ token, count, capacity }] : [];
  const next = settled(state, launch);
  return failed({ ...next, repeats: [...next.repeats, ...repeat] }, launch, event.failure, now);
}

function failed(state: LaunchState, launch: SentLaunch, failure: LaunchFailure, now: number): LaunchStep {
  const kind = failureKind(failure);
  if (kind === "permanent") {
    const message = `ECS refuses to start workers: ${withRemedy(failureText(failure))}`;
    return { state: { ...state, gaveUp: true }, actions: [{ kind: "give-up", code: "launch_refused", message }] };
  }
  const { hold } = state;
  if (hold !== undefined && launch.sentAt < hold.until) return { state, actions: [] }; // L3
  const spotRefused = kind === "capacity" && launch.capacity === "spot";
  const choice = spotRefused ? afterSpotRefused(state.choice, now) : state.choice;
  const leftSpot = standsIn(choice) && !standsIn(state.choice);
  const attempt = hold?.kind === kind && !leftSpot ? hold.attempt + 1 : 1;
  // On-demand is another pool: what Spot refuses says nothing about it.
  const until = standsIn(choice) && spotRefused ? now : now + holdMs(kind, attempt);
  const tell = attempt === 1 || leftSpot ? [tellOf(kind, failure, leftSpot)] : [];
  return { state: { ...state, choice, hold: { kind, attempt, since: now, until } }, actions: tell };
}

/** Twice as long each time. Asking costs nothing but the account's request rate, so the longest is short. */
const holdBaseMs = { throttled: 1_000, capacity: 1_000, quota: 15_000, transient: 1_000, permanent: 0 } as const;
const holdMaxMs = { throttled: 20_000, capacity: 5_000, quota: 60_000, transient: 20_000, permanent: 0 } as const;

function holdMs(kind: FailureKind, attempt: number): number {
  return Math.min(holdMaxMs[kind], holdBaseMs[kind] * 2 ** Math.min(10, attempt - 1));
}

function tellOf(kind: FailureKind, failure: LaunchFailure, leftSpot: boolean): LaunchAction {
  const text = failureText(failure);
  if (leftSpot) return { kind: "tell", message: `Spot has no capacity, on-demand workers stand in: ${text}` };
  const what = {
    throttled: "ECS asks to launch more slowly",
    capacity: "Fargate has no capacity for more workers now; the run goes on with those that are there",
    quota: "the account's vCPU quota is reached; the run goes on with the workers that it has",
    transient: "ECS did not answer; the request is repeated",
    permanent: "ECS refuses to start workers",
  }[kind];
  return { kind: "tell", message: `${what}: ${text}` };
}

function lost(state: LaunchState, event: Extract<LaunchEvent, { kind: "lost" }>, now: number): LaunchState {
  if (!event.joined && event.interrupted && event.capacity === "spot") {
    return { ...state, choice: afterSpotRefused(state.choice, now) }; // no capacity to start comes as an interruption too
  }
  if (event.interrupted) return state; // Spot's ordinary way (I9)
  if (!event.joined) return { ...state, starts: recordFailedStart(state.starts, event.reason) };
  return { ...state, starts: recordLoss(state.starts, event.reason, now) };
}

function checkStarts(state: LaunchState, now: number): LaunchStep {
  const message = startProblem(state.starts, state.fleetSize, now);
  if (message === undefined) return { state, actions: [] };
  return { state: { ...state, gaveUp: true }, actions: [{ kind: "give-up", code: "workers_cannot_start", message }] };
}

function settled(state: LaunchState, launch: SentLaunch): LaunchState {
  return { ...state, unanswered: state.unanswered.filter(({ token }) => token !== launch.token) };
}

function heldUntil({ hold, starts }: LaunchState): number {
  return Math.max(hold?.until ?? 0, starts.holdUntil);
}
