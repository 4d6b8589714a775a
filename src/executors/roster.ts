/**
 * The workers of a run, as its driver knows them: who is there, who works, who leaves, and what it has cost.
 *
 *  M1 A worker is starting, then there, then perhaps leaving, then ended; what has ended stays in the books.
 *  M2 Whether one works is told by the workers themselves, and bounded by the chunks that are out: with none out, all rest.
 */
import { paidUntil, type WorkerSnapshot } from "../adaptive/drain.ts";
import type { FleetView } from "../adaptive/scaling-view.ts";
import type { Capacity } from "../cluster/fleet.ts";

export interface Member {
  readonly id: string;
  readonly launchedAt: number;
  readonly capacity: Capacity;
  /** ECS has shown it: from then on it can be gone. */
  known: boolean;
  joinedAt: number | undefined;
  /** Since when it has had nothing to do, as it says. */
  idleSince: number | undefined;
  /** The last that it said about that: notices arrive in any order. */
  turn: number;
  /** Since when the chunk that it may have in hand has been in its hand, at the longest. */
  workingSince: number;
  /** Why it was asked to leave. */
  readonly leaving: string | undefined;
  readonly endedAt: number | undefined;
  /** The cloud has said that it is gone; a worker's own goodbye comes before. */
  confirmed: boolean;
}

/** How a worker is billed. */
export interface Billing {
  readonly usdPerHour: Readonly<Record<Capacity, number>>;
  readonly minimumMs: number;
  readonly unbilledStartUpMs: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export class Roster {
  readonly #members = new Map<string, Writable<Member>>();
  /** Asked for with every chunk that ends: counted, not looked for. */
  #staying = 0;
  readonly #billing: Billing;
  readonly #startUps: number[] = [];

  constructor(billing: Billing) {
    this.#billing = billing;
  }

  add(id: string, launchedAt: number, capacity: Capacity): void {
    this.#staying += 1;
    this.#members.set(id, {
      id,
      launchedAt,
      capacity,
      known: false,
      joinedAt: undefined,
      idleSince: undefined,
      turn: 0,
      workingSince: launchedAt,
      leaving: undefined,
      endedAt: undefined,
      confirmed: false,
    });
  }

  find(id: string): Member | undefined {
    return this.#members.get(id);
  }

  /** It was asked to leave. */
  dismiss(id: string, why: string): void {
    const member = this.#members.get(id);
    if (member === undefined || !stays(member)) return;
    member.leaving = why;
    this.#staying -= 1;
  }

  end(id: string, now: number): void {
    const member = this.#members.get(id);
    if (member === undefined || member.endedAt !== undefined) return;
    if (stays(member)) this.#staying -= 1;
    member.endedAt = now;
  }

  /** Returns the time since it was requested, or undefined when it is no member or has joined before. */
  join(id: string, now: number): number | undefined {
    const member = this.#members.get(id);
    if (member === undefined || member.joinedAt !== undefined) return undefined;
    member.joinedAt = now;
    member.workingSince = now;
    const startUpMs = now - member.launchedAt;
    this.#startUps.push(startUpMs);
    return startUpMs;
  }

  tellActivity(id: string, idle: boolean, turn: number, now: number): void {
    const member = this.#members.get(id);
    if (member === undefined || turn <= member.turn) return;
    member.turn = turn;
    member.idleSince = idle ? now : undefined;
    member.workingSince = now;
  }

  /** It has ended a chunk. */
  tellProgress(id: string, now: number): void {
    const member = this.#members.get(id);
    if (member !== undefined) member.workingSince = now;
  }

  get count(): number {
    return this.#members.size;
  }

  /** Not known to have ended, those that leave included. */
  get alive(): readonly string[] {
    return this.#filter(({ endedAt }) => endedAt === undefined).map(({ id }) => id);
  }

  /** Of whose end the cloud has not told: those that said goodbye are asked after once more, so that nobody stops them. */
  get unconfirmed(): readonly string[] {
    return this.#filter(({ confirmed }) => !confirmed).map(({ id }) => id);
  }

  /** Joined and not known to have left. */
  get present(): number {
    return this.#filter(({ joinedAt, endedAt }) => joinedAt !== undefined && endedAt === undefined).length;
  }

  /** Asked to leave and not gone yet. */
  get leaving(): readonly string[] {
    return this.#filter(({ leaving, endedAt }) => leaving !== undefined && endedAt === undefined).map(({ id }) => id);
  }

  /** There or on their way, those that leave not. */
  get staying(): readonly Member[] {
    return this.#filter(stays);
  }

  get stayingCount(): number {
    return this.#staying;
  }

  /** Median from request to hello; undefined until one has joined. */
  get startUpMs(): number | undefined {
    return [...this.#startUps].sort((a, b) => a - b)[Math.floor(this.#startUps.length / 2)];
  }

  lifetimesMs(now: number): readonly number[] {
    return [...this.#members.values()].map(({ launchedAt, endedAt }) => (endedAt ?? now) - launchedAt);
  }

  /** @param chunks that are out: no more workers than that can be busy (M2) */
  view(chunks: number, unanswered: number, now: number): FleetView {
    const staying = this.staying;
    const there = staying.filter(({ joinedAt }) => joinedAt !== undefined);
    const working = there.filter(({ idleSince }) => idleSince === undefined);
    const arriving = staying.filter(({ joinedAt }) => joinedAt === undefined);
    const starting = arriving.length + unanswered;
    const busy = Math.min(working.length, chunks);
    const startingForMs = sum(arriving.map(({ launchedAt }) => now - launchedAt)) / Math.max(1, starting);
    return { busy, idle: there.length - busy, starting, startingForMs };
  }

  /** How long the busy workers have had what they have in hand, on average; 0 when none is busy. */
  workingForMs(now: number): number {
    const working = this.staying.filter((member) => member.joinedAt !== undefined && member.idleSince === undefined);
    return sum(working.map(({ workingSince }) => now - workingSince)) / Math.max(1, working.length);
  }

  /** Workers that have joined and stay. @param restingSince since when no chunk has been out (M2) */
  snapshots(restingSince: number | undefined, now: number): readonly WorkerSnapshot[] {
    const { minimumMs, unbilledStartUpMs } = this.#billing;
    return this.staying.flatMap(({ id, joinedAt, launchedAt, idleSince }) => {
      if (joinedAt === undefined) return [];
      const resting = restingSince === undefined ? undefined : Math.max(joinedAt, restingSince);
      const billedSince = launchedAt + unbilledStartUpMs;
      return [{ id, idleSince: idleSince ?? resting, paidUntil: paidUntil(billedSince, minimumMs, now) }];
    });
  }

  /** Billed time so far: of those that have ended their minimum at least, of the others what has gone by. */
  spent(now: number): { readonly workerMs: number; readonly usd: number } {
    const { usdPerHour, minimumMs, unbilledStartUpMs } = this.#billing;
    let workerMs = 0;
    let usd = 0;
    for (const { launchedAt, endedAt, capacity } of this.#members.values()) {
      const runMs = Math.max(0, (endedAt ?? now) - launchedAt - unbilledStartUpMs);
      const billedMs = endedAt === undefined || runMs === 0 ? runMs : Math.max(minimumMs, runMs);
      workerMs += billedMs;
      usd += (billedMs / 3_600_000) * usdPerHour[capacity];
    }
    return { workerMs, usd };
  }

  #filter(test: (member: Member) => boolean): Member[] {
    return [...this.#members.values()].filter(test);
  }
}

function stays({ leaving, endedAt }: Member): boolean {
  return leaving === undefined && endedAt === undefined;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
