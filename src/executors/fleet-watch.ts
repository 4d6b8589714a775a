/**
 * Looks after the workers of a run: requests the missing, notices who has joined, who was lost and why.
 * It never stops a worker while the run goes on (I6). When and on which capacity is for the launch planner to decide.
 */
import {
  createLaunchState,
  fargateLaunchRate,
  type Launch,
  type LaunchAction,
  type LaunchEvent,
  type LaunchState,
  planLaunches,
  unansweredWorkers,
} from "../adaptive/launch-planner.ts";
import type { Clock } from "../base/clock.ts";
import { CloudburstError, toError, unreachable } from "../base/errors.ts";
import type { Capacity, Fleet, WorkerTask } from "../cluster/fleet.ts";
import type { ExecutorEvent } from "./executor.ts";
import type { Workforce } from "./workforce.ts";

/** Looks at the fleet that may fail one after the other: about as long as a throttled account needs to recover. */
const maxFailedLooks = 5;

export interface FleetWatchDeps {
  readonly runId: string;
  readonly fleet: Fleet;
  readonly workers: number;
  readonly watchMs: number;
  readonly clock: Clock;
  readonly emit: (event: ExecutorEvent) => void;
}

interface Member {
  readonly launchedAt: number;
  readonly capacity: Capacity;
  known: boolean;
  joined: boolean;
  endedAt: number | undefined;
}

export class FleetWatch implements Workforce {
  readonly #deps: FleetWatchDeps;
  readonly #members = new Map<string, Member>();
  readonly #stopping = new AbortController();
  /** What it launches has the slots that the cluster was opened with. */
  readonly slots = 0;
  readonly sharedMs = undefined;
  readonly #requests = new Set<Promise<void>>();
  #launching: LaunchState;
  #gaveUp: CloudburstError | undefined;
  #failedLooks = 0;
  #lastLoss: string | undefined;

  constructor(deps: FleetWatchDeps) {
    const { fleet, runId, clock } = deps;
    this.#deps = deps;
    this.#launching = createLaunchState(
      { runId, capacity: fleet.prefers, fallBack: fleet.fallsBack, rate: fargateLaunchRate },
      clock.now(),
    );
  }

  get lastLoss(): string | undefined {
    return this.#lastLoss;
  }

  /**
   * Requests the first workers; they arrive later.
   * @throws CloudburstError `launch_refused` when no request like this will ever be granted
   */
  async start(): Promise<void> {
    await this.#fill();
  }

  /**
   * Requests what is missing until `stop` is called.
   * @throws CloudburstError `workers_cannot_start` or `launch_refused` with the cloud's reason, when trying on is of no use
   */
  async watch(): Promise<void> {
    const { clock, watchMs } = this.#deps;
    for (;;) {
      await clock.sleep(watchMs, this.#stopping.signal).catch(() => undefined); // ends by the signal only
      if (this.#stopping.signal.aborted) return;
      await this.#look();
      if (this.#stopping.signal.aborted) return;
      await this.#fill();
    }
  }

  joined(workerId: string): void {
    const member = this.#members.get(workerId);
    if (member === undefined || member.joined) return;
    member.joined = true;
    this.#note({ kind: "joined" });
    const startupMs = this.#deps.clock.now() - member.launchedAt;
    this.#deps.emit({
      kind: "worker-joined",
      workerId,
      workers: this.#count((m) => m.joined && !m.endedAt),
      startupMs,
    });
  }

  left(workerId: string): void {
    const member = this.#members.get(workerId);
    if (member === undefined || member.endedAt !== undefined) return;
    member.endedAt = this.#deps.clock.now();
    if (this.#stopping.signal.aborted) return;
    // Somebody told it to go, on Spot its owner: another one is requested at the next look.
    this.#note({ kind: "lost", joined: true, interrupted: member.capacity === "spot", ...lossOf(member) });
  }

  progressed(): void {
    this.#note({ kind: "progressed" });
  }

  get alive(): readonly string[] {
    return [...this.#members].filter(([, member]) => member.endedAt === undefined).map(([id]) => id);
  }

  /** Workers that have joined and are not known to have left. */
  get present(): number {
    return this.#count((member) => member.joined && member.endedAt === undefined);
  }

  /** Ends the watch and asks the workers to leave, those as well that are being requested. */
  async stop(reason: string): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#requests);
    await this.#deps.fleet.stop(this.alive, reason);
  }

  get count(): number {
    return this.#members.size;
  }

  get lifetimesMs(): readonly number[] {
    const now = this.#deps.clock.now();
    return [...this.#members.values()].map((member) => (member.endedAt ?? now) - member.launchedAt);
  }

  async #fill(): Promise<void> {
    const { workers } = this.#deps;
    const missing = workers - this.alive.length - unansweredWorkers(this.#launching);
    await this.#plan({ kind: "wanted", workers: Math.max(0, missing), fleetSize: workers });
    if (this.#gaveUp !== undefined) throw this.#gaveUp;
  }

  async #plan(event: LaunchEvent): Promise<void> {
    await Promise.all(this.#note(event).map((action) => this.#perform(action)));
  }

  #note(event: LaunchEvent): readonly LaunchAction[] {
    const { state, actions } = planLaunches(this.#launching, event, this.#deps.clock.now());
    this.#launching = state;
    return actions;
  }

  async #perform(action: LaunchAction): Promise<void> {
    switch (action.kind) {
      case "launch": {
        const request = this.#request(action.launch).finally(() => this.#requests.delete(request));
        this.#requests.add(request);
        await request;
        return;
      }
      case "tell":
        this.#deps.emit({ kind: "warning", message: action.message });
        return;
      case "give-up":
        this.#gaveUp = new CloudburstError(action.code, action.message, { data: { reason: this.#lastLoss } });
        return;
      default:
        unreachable(action);
    }
  }

  async #request(launch: Launch): Promise<void> {
    const { token, capacity } = launch;
    const launchedAt = this.#deps.clock.now();
    const reply = await this.#deps.fleet.launch(launch);
    if (reply.kind === "refused") {
      await this.#plan({ kind: "refused", token, failure: reply.failure });
      return;
    }
    for (const id of reply.ids) {
      this.#members.set(id, { launchedAt, capacity, known: false, joined: false, endedAt: undefined });
    }
    await this.#plan({ kind: "answered", token, started: reply.ids.length, failures: reply.failures });
  }

  /** One look that fails is none: ECS throttles, networks drop. */
  async #look(): Promise<void> {
    try {
      const seen = await this.#deps.fleet.observe(this.alive);
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
    const member = this.#members.get(id);
    if (member === undefined) return;
    if (status === "starting" || status === "running") member.known = true;
    // ECS may not know a task yet that it has just accepted: only one that it knew before can be gone.
    const gone = status === "stopped" || (status === "unknown" && member.known);
    if (!gone || member.endedAt !== undefined) return;
    member.endedAt = this.#deps.clock.now();
    const told = reason === undefined ? undefined : this.#deps.fleet.explain(reason, member.joined);
    this.#lastLoss = told;
    this.#deps.emit({ kind: "worker-lost", workerId: id, reason: told ?? "no reason given" });
    await this.#plan({ kind: "lost", joined: member.joined, interrupted, ...lossOf(member, told) });
  }

  #count(test: (member: Member) => boolean): number {
    let count = 0;
    for (const member of this.#members.values()) if (test(member)) count += 1;
    return count;
  }
}

function lossOf(
  { capacity }: Member,
  reason?: string,
): Pick<Extract<LaunchEvent, { kind: "lost" }>, "capacity" | "reason"> {
  return { capacity, reason };
}
