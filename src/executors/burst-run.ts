/** One run on a cluster: opens it, ships the code, hands out the work, listens, and clears everything away. */
import { createRequestCounter, type RequestCounts } from "../aws/request-counter.ts";
import { CloudburstError, toError } from "../base/errors.ts";
import { bundleFlow, type FlowBundle } from "../bundle/bundle-flow.ts";
import { bundleKey } from "../wire/keys.ts";
import type { Notice, NoticeLog } from "../wire/notice.ts";
import { toWireFacts, type WireRunFacts } from "../wire/run-facts.ts";
import { decodeValue } from "../wire/values.ts";
import { createChunkWriter } from "./chunk-writer.ts";
import { Dispatcher } from "./dispatcher.ts";
import type {
  Call,
  CallBatch,
  ClusterReport,
  ExecutorRun,
  Failure,
  IndexRange,
  Outcome,
  RunContext,
  Settled,
} from "./executor.ts";
import { receiveNotices } from "./notice-loop.ts";
import { failuresOf, PackReader, PackSlice, type PackPlace, PackValue, singleFailureOf } from "./pack-results.ts";
import { abandonRun, type BurstSettings, type OpenedRun, openRun } from "./open-run.ts";
import { reconcile } from "./reconcile.ts";
import type { RememberedTask } from "./scaling-work.ts";
import { handleSuspect } from "./suspects.ts";

/** Workers that were told to leave get this long to say so before their queues vanish; they leave in any case. */
const farewellMs = 3_000;

interface Parts extends OpenedRun {
  readonly run: RunContext;
  readonly facts: WireRunFacts;
  readonly bundle: FlowBundle;
  readonly settings: BurstSettings;
}

export class BurstRun implements ExecutorRun {
  readonly #parts: Parts;
  readonly #dispatcher: Dispatcher;
  readonly #reader: PackReader;
  readonly #stopping = new AbortController();
  readonly #workerRequests = createRequestCounter();
  readonly #loops: Promise<void>[];
  #failure: unknown;
  #farewell: () => void = () => undefined;
  #report: ClusterReport | undefined;
  #mostSlots = 0;

  /** Opens the cluster and bundles the flow side by side; when either fails, the other is undone. */
  static async start(run: RunContext, settings: BurstSettings): Promise<BurstRun> {
    const facts = toWireFacts(run.facts); // what cannot travel is refused before anything is opened
    const [bundled, opened] = await Promise.allSettled([bundleOf(run), openRun(run, settings)]);
    if (bundled.status === "fulfilled" && opened.status === "fulfilled") {
      const bundle = bundled.value;
      try {
        // Also when it is there: the bucket deletes bundles by their age, and this one must live as long as its run.
        await opened.value.cluster.store.put(bundleKey(bundle.sha256), bundle.code);
        return new BurstRun({ run, facts, bundle, settings, ...opened.value });
      } catch (error) {
        await abandonRun(opened.value);
        throw error;
      }
    }
    if (opened.status === "fulfilled") await abandonRun(opened.value);
    throw bundled.status === "rejected" ? bundled.reason : opened.status === "rejected" ? opened.reason : undefined;
  }

  private constructor(parts: Parts) {
    const { run, facts, cluster, bundle, fleet, lease, settings } = parts;
    const { clock } = settings;
    const { runId } = run;
    const { tasks, store } = cluster;
    this.#parts = parts;
    this.#reader = new PackReader(store);
    this.#dispatcher = new Dispatcher({
      runId,
      tasks,
      store,
      write: createChunkWriter({ runId, facts, store, bundle: bundle.sha256, notices: cluster.notices.url }),
      slots: () => this.#slots,
      windowPerSlot: cluster.windowPerSlot,
      clock,
      fail: (error) => this.#fail(error),
    });
    const warn = (message: string): void => run.emit({ kind: "warning", message });
    const handle = (notice: Notice): void => this.#handle(notice);
    this.#loops = [
      receiveNotices({ queue: cluster.notices, runId, handle, warn }, this.#stopping.signal),
      reconcile({ dispatcher: this.#dispatcher, tasks, leaseMs: cluster.leaseMs, clock }, this.#stopping.signal),
      fleet.watch({
        tasks,
        outstanding: () => this.#dispatcher.outstanding.length,
        workload: () => this.#dispatcher.workload,
        dismiss: (workerIds) => lease.dismiss(workerIds),
      }),
    ].map((loop) => loop.catch((error: unknown) => this.#fail(error)));
  }

  get report(): ClusterReport | undefined {
    return this.#report;
  }

  /** Calls that the cluster runs at once, as far as is known. */
  get #slots(): number {
    const { cluster, fleet } = this.#parts;
    const slots = Math.max(cluster.workers * cluster.slotsPerWorker, fleet.slots);
    this.#mostSlots = Math.max(this.#mostSlots, slots);
    return slots;
  }

  async submit(call: Call): Promise<Outcome> {
    return await new Promise<Outcome>((resolve, reject) => {
      this.#add({
        steps: [call.step],
        attempt: call.attempt,
        range: null,
        next: 0,
        remaining: 1,
        settle: (_step, _range, result) => resolve(this.#outcomeOf(result)),
        done: () => undefined,
        reject,
      });
    });
  }

  async map(batch: CallBatch, settle: (settled: Settled) => void): Promise<void> {
    const { steps, range, attempt } = batch;
    if (range.end === range.start) return;
    await new Promise<void>((resolve, reject) => {
      this.#add({
        steps,
        attempt,
        range,
        next: range.start,
        remaining: range.end - range.start,
        settle: (step, settled, result) => settle(this.#settledOf(step, settled ?? range, result)),
        done: resolve,
        reject,
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { cluster, fleet, lease } = this.#parts;
    this.#dispatcher.abort(new CloudburstError("run_ended", "the run has ended"));
    // Each step goes on when another fails: whatever was started ends by its own limits as well (I7).
    const failures: unknown[] = [];
    const attempt = async (step: () => Promise<unknown>): Promise<void> => {
      await step().catch((error: unknown) => failures.push(error));
    };
    await attempt(() => lease.end());
    await attempt(() => fleet.stop("the run has ended"));
    await attempt(() => this.#remember());
    await attempt(() => this.#awaitFarewells());
    this.#stopping.abort();
    await Promise.all(this.#loops);
    await attempt(async () => await cluster[Symbol.asyncDispose]());
    this.#report = this.#makeReport(); // last, so that clearing away is counted too (I11)
    for (const error of failures) this.#warn(`clean-up was incomplete: ${toError(error).message}`);
  }

  #add(work: Parameters<Dispatcher["add"]>[0]): void {
    if (this.#failure !== undefined) {
      work.reject(this.#failure);
      return;
    }
    const wasIdle = this.#dispatcher.isIdle;
    this.#dispatcher.add(work);
    if (wasIdle) this.#parts.fleet.workCame();
  }

  #handle(notice: Notice): void {
    const { fleet } = this.#parts;
    switch (notice.kind) {
      case "hello":
        fleet.joined(notice.worker, notice.slots);
        this.#dispatcher.refill();
        return;
      case "activity":
        fleet.tellActivity(notice.worker, notice.idle, notice.turn);
        return;
      case "bye":
        this.#workerRequests.add(notice.requests);
        fleet.left(notice.worker);
        this.#farewell();
        return;
      case "committed":
        this.#workerRequests.add(notice.requests);
        fleet.progressed(notice.worker, notice.busyMs);
        this.#committed(notice);
        return;
      case "released": {
        const chunk = this.#dispatcher.find(notice.chunk);
        if (chunk !== undefined) chunk.releases += 1;
        return;
      }
      case "suspect":
        this.#suspect(notice.chunk, notice.deliveries);
        return;
      case "failed":
        this.#fail(decodeValue(notice.error));
    }
  }

  #committed(notice: Extract<Notice, { readonly kind: "committed" }>): void {
    if (notice.log !== undefined) this.#tellLog(notice.chunk, notice.log);
    const chunk = this.#dispatcher.find(notice.chunk);
    if (chunk !== undefined) {
      const { calls } = chunk;
      const slugs = chunk.steps.slice(chunk.firstStep).map(({ slug }) => slug);
      this.#parts.run.emit({ kind: "chunk-committed", slugs, calls, busyMs: notice.busyMs, workerId: notice.worker });
    }
    this.#dispatcher.committed(notice).catch((error: unknown) => this.#fail(error));
  }

  #tellLog(chunkId: string, { lines, leftOut }: NoticeLog): void {
    const { run, settings } = this.#parts;
    for (const line of lines) run.log(line);
    if (leftOut === 0) return;
    const line = `… ${String(leftOut)} lines left out: the worker's own output has them`;
    run.log({ level: "info", task: chunkId, line, atMs: lines.at(-1)?.atMs ?? settings.clock.now() });
  }

  #suspect(chunkId: string, deliveries: number): void {
    const chunk = this.#dispatcher.find(chunkId);
    if (chunk === undefined) return;
    const { run, cluster, fleet } = this.#parts;
    handleSuspect(chunk, deliveries, {
      runId: run.runId,
      store: cluster.store,
      dispatcher: this.#dispatcher,
      lastLoss: () => fleet.lastLoss,
    }).catch((error: unknown) => this.#fail(error));
  }

  /** The cluster cannot do the work: everything that waits is told so, and whatever comes. */
  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#dispatcher.abort(this.#failure);
  }

  #warn(message: string): void {
    this.#parts.run.emit({ kind: "warning", message });
  }

  #outcomeOf(result: PackPlace | Failure): Outcome {
    if ("kind" in result) return result;
    return singleFailureOf(result.pack) ?? { kind: "success", value: new PackValue(result.pack, this.#reader) };
  }

  #settledOf(step: number, range: IndexRange, result: PackPlace | Failure): Settled {
    if (!("kind" in result)) {
      const values = new PackSlice(result, range, this.#reader);
      return { step, range, values, failures: failuresOf(result, range) };
    }
    const indices = Array.from({ length: range.end - range.start }, (_, at) => range.start + at);
    return {
      step,
      range,
      values: indices.map(() => undefined),
      failures: new Map(indices.map((index) => [index, result])),
    };
  }

  async #awaitFarewells(): Promise<void> {
    const { fleet, settings } = this.#parts;
    const { clock } = settings;
    const deadline = clock.now() + farewellMs;
    while (fleet.present > 0 && clock.now() < deadline) {
      const told = new Promise<void>((resolve) => (this.#farewell = resolve));
      const waiting = new AbortController();
      await Promise.race([told, clock.sleep(deadline - clock.now(), waiting.signal).catch(() => undefined)]);
      waiting.abort();
    }
  }

  #makeReport(): ClusterReport {
    const { cluster, fleet } = this.#parts;
    return {
      cluster: cluster.description,
      workers: fleet.count,
      slots: Math.max(this.#mostSlots, this.#slots),
      ...this.#dispatcher.counts,
      requests: sum(cluster.requestCounts(), this.#workerRequests.counts()),
      workerMs: fleet.lifetimesMs,
      ...(fleet.sharedMs !== undefined && { sharedWorkerMs: fleet.sharedMs }),
      launches: fleet.launches,
      limitedBy: fleet.limitedBy,
    };
  }

  /** For the next run whose fleet scales, and for plans. */
  async #remember(): Promise<void> {
    const { run, scaling, fleet, settings } = this.#parts;
    const { workerKind } = scaling;
    if (workerKind === undefined) return;
    const tasks = new Map<string, RememberedTask>();
    const { measured } = this.#dispatcher.workload;
    for (const slug of this.#dispatcher.measuredTasks) {
      const calls = measured(slug);
      if (calls !== undefined) tasks.set(slug, calls);
    }
    const { flowName } = run;
    const measurements = { flowName, workerKind, startUpMs: fleet.startUpMs, tasks };
    await settings.pastRuns.remember(measurements, settings.clock.now());
  }
}

async function bundleOf(run: RunContext): Promise<FlowBundle> {
  return await bundleFlow({
    entry: run.definedIn,
    modules: run.tasks.flatMap((task) => task.definedIn ?? []),
    flowName: run.flowName,
    taskNames: run.tasks.map((task) => task.name),
  });
}

function sum(...parts: readonly RequestCounts[]): RequestCounts {
  const counter = createRequestCounter();
  for (const part of parts) counter.add(part);
  return counter.counts();
}
