/**
 * One simulated run: a trace, a cloud, a policy, a virtual clock. Calls travel in chunks whose sizes the driver's own
 * rule advises, so ten million calls are some hundred thousand events.
 */
import type { Capacity } from "../adaptive/capacity-choice.ts";
import { adviseChunkSize } from "../executors/chunk-size.ts";
import { billedMs } from "./billing.ts";
import { CallQueue, type CallRange } from "./call-queue.ts";
import { CloudModel, type LaunchAnswer } from "./cloud-model.ts";
import { Durations } from "./durations.ts";
import { EventHeap } from "./event-heap.ts";
import { Timeline } from "./timeline.ts";
import type { Outcome } from "./outcome.ts";
import { type Batch, batchMs, callsOf, type Trace } from "./trace.ts";
import type { Chunk, Worker } from "./worker.ts";

/** Receiving, committing and telling, for each chunk: assumed, as long as no run has measured it. */
const usualChunkMs = 30;
/** A worker that is asked to end has this long to finish what it has in hand. */
const stopTimeoutMs = 120_000;
const longestRunMs = 14 * 24 * 3_600_000;

type Event =
  | { readonly kind: "tick" }
  | { readonly kind: "release"; readonly batch: number }
  | { readonly kind: "hello"; readonly worker: Worker }
  | { readonly kind: "done"; readonly chunk: Chunk }
  | { readonly kind: "interrupt"; readonly worker: Worker };

/** Decides about the fleet of a world. */
export interface Policy {
  readonly name: string;
  readonly intervalMs: number;
  /** Workers that are there before the run begins: a service's minimum. @default 0 */
  readonly warmWorkers?: number;
  /** Whether its workers all end with the run, without its doing. @default false */
  readonly endsWithRun?: boolean;
  tick(world: World): void;
  joined?(worker: Worker): void;
  /** A worker ended that was not asked to. */
  lost?(worker: Worker): void;
}

export class World {
  readonly trace: Trace;
  readonly durations = new Map<string, Durations>();
  readonly workers: Worker[] = [];
  readonly alive = new Set<Worker>();
  readonly timeline = new Timeline();
  readonly #policy: Policy;
  readonly #cloud: CloudModel;
  readonly #events = new EventHeap<Event>();
  readonly #queue: CallQueue;
  readonly #idle: Worker[] = [];
  readonly #left: number[];
  readonly #runningChunks: number[];
  readonly #releasedAt: number[] = [];
  readonly counts = {
    starting: 0,
    here: 0,
    leaving: 0,
    /** Workers with a chunk, those that leave included. */
    busy: 0,
    runningChunks: 0,
    runningCalls: 0,
    startSum: 0,
    launchSum: 0,
  };
  now = 0;
  #idleHead = 0;
  #endedMs = 0;
  #endedUsd = 0;
  #peak = 0;
  #busyStopped = 0;
  #chunks = 0;
  #gaveUp = false;

  constructor(trace: Trace, policy: Policy, seed: number) {
    this.trace = trace;
    this.#policy = policy;
    this.#cloud = new CloudModel(trace.cloud, seed);
    this.#queue = new CallQueue(trace.batches.length);
    this.#left = trace.batches.map(callsOf);
    this.#runningChunks = trace.batches.map(() => 0);
    trace.batches.forEach((batch, index) => {
      if ("atMs" in batch.release) this.#events.add(batch.release.atMs, { kind: "release", batch: index });
    });
    for (let i = 0; i < (policy.warmWorkers ?? 0); i += 1) this.#start(trace.cloud.capacity, true);
    this.#events.add(0, { kind: "tick" });
  }

  run(): Outcome {
    while (!this.finished && !this.#gaveUp) {
      const next = this.#events.take();
      if (next === undefined || next.at > longestRunMs) break;
      this.now = next.at;
      this.#handle(next.event);
    }
    const makespanMs = this.finished ? this.now : Infinity;
    const usdAtEnd = this.spentUsd;
    if (!this.#gaveUp) this.#settle();
    for (const worker of [...this.alive]) this.#end(worker);
    const { timeline } = this;
    timeline.sample(this.now, 0, 0, 0);
    return {
      makespanMs,
      usd: this.#endedUsd,
      usdAtEnd,
      workers: this.workers.length,
      peak: this.#peak,
      busyStopped: this.#busyStopped,
      chunks: this.#chunks,
      timeline,
      releasedAt: this.#releasedAt,
    };
  }

  /** Work is over: the policy goes on until the fleet is at its minimum again, and that is paid too. */
  #settle(): void {
    const { endsWithRun = false, warmWorkers = 0 } = this.#policy;
    while (!endsWithRun && this.alive.size > warmWorkers) {
      const next = this.#events.take();
      if (next === undefined || next.at > longestRunMs) return;
      this.now = next.at;
      this.#handle(next.event);
    }
  }

  /** What the workers would have cost if all of them ended now. */
  get spentUsd(): number {
    const { billing } = this.trace.cloud;
    let usd = this.#endedUsd;
    for (const { billedFrom, capacity } of this.alive)
      usd += (billedMs(billing, billedFrom, this.now) / 3_600_000) * billing.usdPerHour[capacity];
    return usd;
  }

  /** Calls that the workers which are there run at once. */
  get slots(): number {
    return this.counts.here * this.trace.cloud.slotsPerWorker;
  }

  get finished(): boolean {
    return this.#left.every((left) => left === 0);
  }

  /** Billed worker time so far. */
  get spentWorkerMs(): number {
    let ms = this.#endedMs;
    for (const worker of this.alive) ms += billedMs(this.trace.cloud.billing, worker.billedFrom, this.now);
    return ms;
  }

  /** Calls of a batch that are released and not committed. */
  remainingIn(batch: number): number {
    return this.#releasedAt[batch] === undefined ? 0 : (this.#left[batch] ?? 0);
  }

  waitingIn(batch: number): number {
    return this.#queue.waitingIn(batch);
  }

  /** Messages of a batch as a queue would count them: a user who fills it makes messages of about two seconds. */
  messagesIn(batch: number): { readonly waiting: number; readonly inFlight: number } {
    const { trace } = this;
    const sent = trace.batches[batch];
    if (sent === undefined) return { waiting: 0, inFlight: 0 };
    const perMessage = Math.max(1, Math.floor(2_000 / (batchMs(sent) / callsOf(sent))));
    return { waiting: Math.ceil(this.waitingIn(batch) / perMessage), inFlight: this.#runningChunks[batch] ?? 0 };
  }

  releasedAt(batch: number): number | undefined {
    return this.#releasedAt[batch];
  }

  /** The run will never end: there is nobody to do its work, and nobody will come. */
  giveUp(): void {
    this.#gaveUp = true;
  }

  /** RunTask. */
  launch(count: number, capacity: Capacity): LaunchAnswer {
    const answer = this.#cloud.launch(count, capacity, this.alive.size, this.now);
    for (let i = 0; i < answer.started; i += 1) this.#start(capacity, false);
    return answer;
  }

  /** Finishes what it has in hand, and leaves. */
  drain(worker: Worker): void {
    if (worker.state === "gone" || worker.state === "leaving") return;
    if (worker.state === "starting" || worker.chunks.size === 0) this.#end(worker);
    else this.#leave(worker);
  }

  /** SIGTERM, SIGKILL later: what cannot be finished in between is given back. */
  stop(worker: Worker): void {
    if (worker.chunks.size > 0) this.#busyStopped += 1;
    this.#terminate(worker);
  }

  #handle(event: Event): void {
    switch (event.kind) {
      case "tick":
        return this.#tick();
      case "release":
        return this.#release(event.batch);
      case "hello":
        return this.#hello(event.worker);
      case "done":
        return this.#done(event.chunk);
      case "interrupt":
        return this.#interrupt(event.worker);
    }
  }

  #tick(): void {
    this.#policy.tick(this);
    const { counts, now } = this;
    this.timeline.sample(now, counts.here, counts.starting, this.#backlog());
    this.#events.add(now + this.#policy.intervalMs, { kind: "tick" });
  }

  #backlog(): number {
    return this.trace.batches.reduce((sum, _, batch) => sum + this.remainingIn(batch), 0);
  }

  #release(index: number): void {
    const batch = this.trace.batches[index];
    if (batch === undefined) return;
    this.#releasedAt[index] = this.now;
    this.#queue.add({ batch: index, from: 0, to: callsOf(batch) });
    this.#dispatch();
  }

  #start(capacity: Capacity, warm: boolean): void {
    const { now } = this;
    const id = this.workers.length;
    const startUpMs = warm ? 0 : this.#cloud.startUpMs(id);
    const billedFrom = now + (warm ? 0 : Math.min(this.trace.cloud.billing.unbilledStartUpMs, startUpMs));
    const worker: Worker = {
      id, capacity, launchedAt: now, billedFrom, state: "starting", chunks: new Set(), idleSince: now,
      endedAt: Infinity, joinedAt: undefined,
    }; // prettier-ignore
    this.workers.push(worker);
    this.alive.add(worker);
    this.#peak = Math.max(this.#peak, this.alive.size);
    this.counts.starting += 1;
    this.counts.launchSum += now;
    this.#events.add(now + startUpMs, { kind: "hello", worker });
    const takenAt = capacity === "spot" ? this.#cloud.interruptionAt(id, now + startUpMs) : undefined;
    if (takenAt !== undefined) this.#events.add(takenAt, { kind: "interrupt", worker });
  }

  #hello(worker: Worker): void {
    if (worker.state !== "starting") return;
    this.#leaveStarting(worker);
    worker.state = "here";
    worker.joinedAt = this.now;
    worker.idleSince = this.now;
    this.counts.here += 1;
    for (let slot = 0; slot < this.trace.cloud.slotsPerWorker; slot += 1) this.#idle.push(worker);
    this.#policy.joined?.(worker);
    this.#dispatch();
  }

  #leaveStarting(worker: Worker): void {
    this.counts.starting -= 1;
    this.counts.launchSum -= worker.launchedAt;
  }

  #dispatch(): void {
    for (;;) {
      const range = this.#queue.first;
      if (range === undefined) return;
      const worker = this.#nextIdle();
      if (worker === undefined) return;
      this.#run(worker, range.batch);
    }
  }

  /** Each free slot of a worker that is there stands in the line once. */
  #nextIdle(): Worker | undefined {
    while (this.#idleHead < this.#idle.length) {
      const worker = this.#idle[this.#idleHead];
      this.#idleHead += 1;
      if (this.#idleHead > 4_096) this.#idleHead -= this.#idle.splice(0, this.#idleHead).length;
      if (worker?.state === "here") return worker;
    }
    return undefined;
  }

  #run(worker: Worker, index: number): void {
    const batch = this.trace.batches[index];
    const calls = adviseChunkSize({
      callMs: this.durations.get(batch?.task ?? "")?.meanMs,
      resultBytes: undefined,
      remaining: this.#queue.waitingIn(index),
      slots: Math.max(1, this.slots),
    });
    const range = this.#queue.take(calls);
    if (range === undefined || batch === undefined) return;
    const endsAt = this.now + chunkMs(batch, range) + (this.trace.cloud.chunkMs ?? usualChunkMs);
    const chunk: Chunk = { ...range, startedAt: this.now, endsAt, worker, lost: false };
    this.#chunks += 1;
    this.#countRunning(chunk, 1);
    this.#events.add(endsAt, { kind: "done", chunk });
  }

  #countRunning(chunk: Chunk, sign: 1 | -1): void {
    const { chunks } = chunk.worker;
    const busyBefore = chunks.size > 0;
    if (sign === 1) chunks.add(chunk);
    else chunks.delete(chunk);
    if (chunks.size > 0 !== busyBefore) this.counts.busy += sign;
    this.counts.runningChunks += sign;
    this.counts.runningCalls += sign * (chunk.to - chunk.from);
    this.counts.startSum += sign * chunk.startedAt;
    this.#runningChunks[chunk.batch] = (this.#runningChunks[chunk.batch] ?? 0) + sign;
  }

  #done(chunk: Chunk): void {
    if (chunk.lost) return;
    const { worker } = chunk;
    const batch = this.trace.batches[chunk.batch];
    this.#countRunning(chunk, -1);
    if (worker.chunks.size === 0) worker.idleSince = this.now;
    if (batch !== undefined) this.#learn(batch.task, chunk.to - chunk.from, chunkMs(batch, chunk));
    this.#left[chunk.batch] = (this.#left[chunk.batch] ?? 0) - (chunk.to - chunk.from);
    if (this.#left[chunk.batch] === 0) this.#releaseAfter(chunk.batch);
    if (worker.state !== "leaving") this.#idle.push(worker);
    else if (worker.chunks.size === 0) this.#end(worker);
    this.#dispatch();
  }

  #learn(task: string, calls: number, busyMs: number): void {
    const durations = this.durations.get(task) ?? new Durations();
    this.durations.set(task, durations);
    durations.add(calls, busyMs);
  }

  #releaseAfter(ended: number): void {
    for (const [index, { release }] of this.trace.batches.entries()) {
      if ("atMs" in release || !release.after.includes(ended)) continue;
      const waits = release.after.some((other) => this.#left[other] !== 0);
      if (!waits) this.#events.add(this.now + release.delayMs, { kind: "release", batch: index });
    }
  }

  #interrupt(worker: Worker): void {
    if (worker.state === "gone" || worker.state === "leaving") return;
    this.#terminate(worker);
    this.#policy.lost?.(worker);
  }

  #terminate(worker: Worker): void {
    if (worker.chunks.size === 0 || worker.state !== "here") return this.drain(worker);
    const lost = [...worker.chunks].filter(({ endsAt }) => endsAt > this.now + stopTimeoutMs);
    for (const chunk of lost) {
      chunk.lost = true;
      this.#countRunning(chunk, -1);
    }
    if (worker.chunks.size > 0) this.#leave(worker);
    else this.#end(worker);
    for (const { batch, from, to } of lost) this.#queue.giveBack({ batch, from, to });
    if (lost.length > 0) this.#dispatch();
  }

  #leave(worker: Worker): void {
    worker.state = "leaving";
    this.counts.here -= 1;
    this.counts.leaving += 1;
  }

  #end(worker: Worker): void {
    if (worker.state === "starting") this.#leaveStarting(worker);
    if (worker.state === "here") this.counts.here -= 1;
    if (worker.state === "leaving") this.counts.leaving -= 1;
    worker.state = "gone";
    worker.endedAt = this.now;
    this.alive.delete(worker);
    const { billing } = this.trace.cloud;
    const ms = billedMs(billing, worker.billedFrom, this.now);
    this.#endedMs += ms;
    this.#endedUsd += (ms / 3_600_000) * billing.usdPerHour[worker.capacity];
  }
}

function chunkMs({ sums }: Batch, { from, to }: CallRange): number {
  return (sums[to] ?? 0) - (sums[from] ?? 0);
}
