/**
 * Looks after the workers of a run: notices who has joined, who was lost and why, and replaces the lost.
 * It never stops a worker (I6).
 */
import type { Clock } from "../base/clock.ts";
import { CloudburstError } from "../base/errors.ts";
import type { Fleet } from "../cluster/fleet.ts";
import type { ExecutorEvent } from "./executor.ts";

/** Replacements without a chunk committed in between, for each worker of the fleet: beyond, something kills them all. */
const maxBarrenReplacements = 3;

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
  known: boolean;
  joined: boolean;
  endedAt: number | undefined;
}

export class FleetWatch {
  readonly #deps: FleetWatchDeps;
  readonly #members = new Map<string, Member>();
  readonly #stopping = new AbortController();
  #launches = 0;
  #barrenReplacements = 0;
  #lastLoss: string | undefined;

  constructor(deps: FleetWatchDeps) {
    this.#deps = deps;
  }

  get lastLoss(): string | undefined {
    return this.#lastLoss;
  }

  /** Starts the fleet; its workers arrive later. */
  async start(): Promise<void> {
    await this.#launch(this.#deps.workers);
  }

  /**
   * Replaces what is lost until `stop` is called.
   * @throws CloudburstError `workers_cannot_start` with the cloud's reason, when replacing is of no use
   */
  async watch(): Promise<void> {
    const { clock, watchMs } = this.#deps;
    for (;;) {
      await clock.sleep(watchMs, this.#stopping.signal).catch(() => undefined); // ends by the signal only
      if (this.#stopping.signal.aborted) return;
      const lost = await this.#findLost();
      if (lost > 0) await this.#replace(lost);
    }
  }

  joined(workerId: string): void {
    const member = this.#members.get(workerId);
    if (member === undefined || member.joined) return;
    member.joined = true;
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
    if (member !== undefined) member.endedAt ??= this.#deps.clock.now();
  }

  progressed(): void {
    this.#barrenReplacements = 0;
  }

  get alive(): readonly string[] {
    return [...this.#members].filter(([, member]) => member.endedAt === undefined).map(([id]) => id);
  }

  /** Workers that have joined and are not known to have left. */
  get present(): number {
    return this.#count((member) => member.joined && member.endedAt === undefined);
  }

  /** Ends the watch and asks the workers to leave. */
  async stop(reason: string): Promise<void> {
    this.#stopping.abort();
    await this.#deps.fleet.stop(this.alive, reason);
  }

  get lifetimesMs(): readonly number[] {
    const now = this.#deps.clock.now();
    return [...this.#members.values()].map((member) => (member.endedAt ?? now) - member.launchedAt);
  }

  async #launch(count: number): Promise<void> {
    const launchedAt = this.#deps.clock.now();
    this.#launches += 1;
    const ids = await this.#deps.fleet.launch(count, `${this.#deps.runId}-${String(this.#launches)}`);
    for (const id of ids) this.#members.set(id, { launchedAt, known: false, joined: false, endedAt: undefined });
  }

  async #findLost(): Promise<number> {
    let lost = 0;
    for (const { id, status, reason } of await this.#deps.fleet.observe(this.alive)) {
      const member = this.#members.get(id);
      if (member === undefined) continue;
      if (status === "starting" || status === "running") member.known = true;
      // ECS may not know a task yet that it has just accepted: only one that it knew before can be gone.
      const gone = status === "stopped" || (status === "unknown" && member.known);
      if (!gone || member.endedAt !== undefined) continue;
      member.endedAt = this.#deps.clock.now();
      this.#lastLoss = reason;
      this.#deps.emit({ kind: "worker-lost", workerId: id, reason: reason ?? "no reason given" });
      lost += 1;
    }
    return lost;
  }

  async #replace(lost: number): Promise<void> {
    const nobodyEverJoined = this.#count((member) => member.joined) === 0 && this.alive.length === 0;
    this.#barrenReplacements += lost;
    if (nobodyEverJoined || this.#barrenReplacements > maxBarrenReplacements * this.#deps.workers) {
      throw new CloudburstError("workers_cannot_start", cannotStart(nobodyEverJoined, this.#lastLoss), {
        data: { reason: this.#lastLoss },
      });
    }
    await this.#launch(lost);
  }

  #count(test: (member: Member) => boolean): number {
    let count = 0;
    for (const member of this.#members.values()) if (test(member)) count += 1;
    return count;
  }
}

function cannotStart(atAll: boolean, reason: string | undefined): string {
  const what = atAll ? "no worker could start" : "workers keep ending before they finish anything";
  return `${what}: ${reason ?? "the cloud gave no reason"}`;
}
