/**
 * Looks after the workers of a run: decides how many there should be, requests the missing, lets go those that are too
 * many, notices who has joined, who was lost and why. A fixed number of workers is the case in which minimum and maximum
 * are the same.
 *
 *  F1 It never stops a worker while the run goes on (I6): one that is too many is asked to leave, through the run's lease.
 *  F2 How many, when and on which capacity is decided by pure functions (src/adaptive); here is only what they look at,
 *     and what is done.
 */
import type { LaunchAction, LaunchEvent } from "../adaptive/launch-planner.ts";
import { fargateLaunchRate, planLaunches } from "../adaptive/launch-planner.ts";
import { createScaler, type RoundResult, scaleRound, type ScalerState } from "../adaptive/scale-round.ts";
import type { Clock } from "../base/clock.ts";
import { CloudburstError, toError } from "../base/errors.ts";
import type { Fleet, WorkerTask } from "../cluster/fleet.ts";
import { checkBudget } from "./budget.ts";
import type { ExecutorEvent, PlannedCalls } from "./executor.ts";
import type { FleetScaling } from "./fleet-scaling.ts";
import { LaunchDesk } from "./launch-desk.ts";
import { type Member, Roster } from "./roster.ts";
import { DecisionLog } from "./decision-log.ts";
import { roundInput } from "./round-input.ts";
import type { KnownFlow } from "./past-runs.ts";
import type { Backlog, Workforce } from "./workforce.ts";
import { noWorkload, type Workload } from "./workload.ts";

/** Looks at the fleet that may fail one after the other: about as long as a throttled account needs to recover. */
const maxFailedLooks = 5;

export interface FleetWatchDeps {
  /** Id of the run if it can be resumed. */
  readonly resumableId?: string | undefined;
  /** Begins the tokens of its launches, which no other driver of the run may have used. */
  readonly launchName: string;
  readonly fleet: Fleet;
  readonly scaling: FleetScaling;
  readonly remembered: KnownFlow;
  /** What the run has still to hand over; undefined where nobody knows. */
  readonly planned: () => readonly PlannedCalls[] | undefined;
  readonly watchMs: number;
  readonly clock: Clock;
  readonly emit: (event: ExecutorEvent) => void;
}

export class FleetWatch implements Workforce {
  readonly #deps: FleetWatchDeps;
  readonly #roster: Roster;
  readonly #desk: LaunchDesk;
  readonly #log: DecisionLog;
  readonly #stopping = new AbortController();
  readonly sharedMs = undefined;
  readonly #startedAt: number;
  #scaler: ScalerState;
  #backlog: Omit<Backlog, "tasks"> | undefined;
  #wake: () => void = () => undefined;
  #lookedAt: number;
  /** Since when no chunk has been out. */
  #restingSince: number | undefined;
  #failedLooks = 0;
  #lastLoss: string | undefined;

  constructor(deps: FleetWatchDeps) {
    const { fleet, launchName, clock, scaling, emit } = deps;
    const now = clock.now();
    this.#deps = deps;
    this.#startedAt = now;
    this.#lookedAt = now;
    this.#roster = new Roster(scaling.billing);
    this.#log = new DecisionLog(scaling.scales ? emit : () => undefined);
    this.#scaler = createScaler(
      { runId: launchName, capacity: fleet.prefers, fallBack: fleet.fallsBack, rate: fargateLaunchRate },
      now,
    );
    this.#desk = new LaunchDesk({
      fleet,
      clock,
      roster: this.#roster,
      note: (event) => this.#note(event),
      warn: (message) => emit({ kind: "warning", message }),
      lastLoss: () => this.#lastLoss,
    });
  }

  get lastLoss(): string | undefined {
    return this.#lastLoss;
  }

  /** With a fixed number it is the cluster's own. */
  get slots(): number {
    const { scales, slotsPerWorker } = this.#deps.scaling;
    return scales ? this.#roster.stayingCount * slotsPerWorker : 0;
  }

  get alive(): readonly string[] {
    return this.#roster.alive;
  }

  get present(): number {
    return this.#roster.present;
  }

  get count(): number {
    return this.#roster.count;
  }

  get lifetimesMs(): readonly number[] {
    return this.#roster.lifetimesMs(this.#deps.clock.now());
  }

  get launches(): number {
    return this.#scaler.launches.launches;
  }

  get limitedBy(): string | undefined {
    return this.#log.limitedBy;
  }

  get startUpMs(): number | undefined {
    return this.#roster.startUpMs;
  }

  /**
   * Requests the first workers; they arrive later.
   * @throws CloudburstError `launch_refused` when no request like this will ever be granted, `budget_exhausted` when the
   * budget is too small for a single worker
   */
  async start(): Promise<void> {
    await this.#round(this.#deps.scaling.initial);
  }

  /**
   * Keeps as many workers as there should be until `stop` is called.
   * @throws CloudburstError `workers_cannot_start` or `launch_refused` with the cloud's reason, when trying on is of no use;
   * `budget_exhausted` when the money is used up
   */
  async watch(backlog: Omit<Backlog, "tasks">): Promise<void> {
    this.#backlog = backlog;
    while (await this.#pause()) {
      if (await this.#lookIfDue()) await this.#round(this.#deps.scaling.minimum);
    }
  }

  workCame(): void {
    if (this.#deps.scaling.scales) this.#wake();
  }

  joined(workerId: string): void {
    const startupMs = this.#roster.join(workerId, this.#deps.clock.now());
    if (startupMs === undefined) return;
    this.#note({ kind: "joined" });
    this.#deps.emit({ kind: "worker-joined", workerId, workers: this.#roster.present, startupMs });
  }

  tellActivity(workerId: string, idle: boolean, turn: number): void {
    this.#roster.tellActivity(workerId, idle, turn, this.#deps.clock.now());
  }

  left(workerId: string): void {
    const member = this.#roster.find(workerId);
    if (member === undefined || member.endedAt !== undefined) return;
    this.#roster.end(workerId, this.#deps.clock.now());
    if (this.#stopping.signal.aborted || this.#leftAsAsked(member)) return;
    // Somebody told it to go, on Spot its owner: another one is requested at the next look.
    const { capacity } = member;
    this.#note({ kind: "lost", joined: true, interrupted: capacity === "spot", capacity, reason: undefined });
  }

  progressed(workerId: string): void {
    this.#roster.tellProgress(workerId, this.#deps.clock.now());
    this.#note({ kind: "progressed" });
  }

  /** Ends the watch and asks the workers to leave, those as well that are being requested. */
  async stop(reason: string): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#desk.settled();
    await this.#deps.fleet.stop(this.alive, reason);
  }

  /** Until the next round; false when there is none. */
  async #pause(): Promise<boolean> {
    if (this.#stopping.signal.aborted) return false;
    const pause = new AbortController();
    this.#wake = () => pause.abort();
    await this.#deps.clock.sleep(this.#deps.scaling.intervalMs, pause.signal).catch(() => undefined); // woken
    return !this.#stopping.signal.aborted;
  }

  /** ECS is asked less often than is decided. False when the run has ended meanwhile. */
  async #lookIfDue(): Promise<boolean> {
    const { clock, watchMs } = this.#deps;
    if (clock.now() - this.#lookedAt < watchMs) return true;
    this.#lookedAt = clock.now();
    await this.#look();
    return !this.#stopping.signal.aborted;
  }

  async #round(minimum: number): Promise<void> {
    const { clock, scaling, remembered, planned, resumableId } = this.#deps;
    const now = clock.now();
    const load = this.#load(now);
    const input = roundInput({
      scaling: { ...scaling, minimum },
      roster: this.#roster,
      launches: this.#scaler.launches,
      load,
      planned: planned(),
      remembered,
      restingSince: this.#restingSince,
      startedAt: this.#startedAt,
      now,
    });
    const result = scaleRound(this.#scaler, input, now);
    this.#scaler = result.state;
    this.#log.note(result, input, now);
    this.#dismiss(result);
    await this.#desk.perform(result.actions);
    if (this.#desk.gaveUp !== undefined) throw this.#desk.gaveUp;
    checkBudget({ scaling, roster: this.#roster, decision: result.decision, load, now, resumableId });
  }

  #load(now: number): Workload {
    const load = this.#backlog?.workload() ?? noWorkload;
    this.#restingSince = load.chunks > 0 ? undefined : (this.#restingSince ?? now);
    return load;
  }

  #dismiss({ drains, decision }: RoundResult): void {
    for (const id of drains) this.#roster.dismiss(id, decision.reason.sentence);
    this.#backlog?.dismiss(this.#roster.leaving);
  }

  #note(event: LaunchEvent): readonly LaunchAction[] {
    const { state, actions } = planLaunches(this.#scaler.launches, event, this.#deps.clock.now());
    this.#scaler = { ...this.#scaler, launches: state };
    return actions;
  }

  #leftAsAsked({ id, leaving }: Member): boolean {
    if (leaving === undefined) return false;
    this.#deps.emit({ kind: "worker-left", workerId: id, reason: leaving });
    return true;
  }

  /** One look that fails is none: ECS throttles, networks drop. */
  async #look(): Promise<void> {
    try {
      const seen = await this.#deps.fleet.observe(this.#roster.unconfirmed);
      this.#failedLooks = 0;
      for (const worker of seen) await this.#see(worker);
    } catch (error) {
      this.#failedLooks += 1;
      if (this.#failedLooks < maxFailedLooks) return;
      throw new CloudburstError("fleet_unseen", `the workers cannot be looked after: ${toError(error).message}`, {
        cause: error,
      });
    }
  }

  async #see({ id, status, reason, interrupted }: WorkerTask): Promise<void> {
    const member = this.#roster.find(id);
    if (member === undefined) return;
    if (status === "starting" || status === "running") member.known = true;
    // ECS may not know a task yet that it has just accepted: only one that it knew before can be gone.
    const gone = status === "stopped" || (status === "unknown" && member.known);
    if (gone) member.confirmed = true;
    if (!gone || member.endedAt !== undefined) return;
    this.#roster.end(id, this.#deps.clock.now());
    if (this.#leftAsAsked(member)) return;
    const joined = member.joinedAt !== undefined;
    const told = reason === undefined ? undefined : this.#deps.fleet.explain(reason, joined);
    this.#lastLoss = told;
    this.#deps.emit({ kind: "worker-lost", workerId: id, reason: told ?? "no reason given" });
    await this.#desk.tell({ kind: "lost", joined, interrupted, capacity: member.capacity, reason: told });
  }
}
