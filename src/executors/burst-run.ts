/** One run on a cluster: opens it, ships the code, hands out the work, listens, and clears everything away. */
import { createRequestCounter, type RequestCounts } from "../aws/request-counter.ts";
import { CloudburstError, toError } from "../base/errors.ts";
import type { FlowBundle } from "../bundle/bundle-flow.ts";
import type { Store } from "../store/store.ts";
import { bundleKey, runDescriptionKey } from "../wire/keys.ts";
import type { Notice, NoticeLog } from "../wire/notice.ts";
import { encodeRunDescription } from "../wire/run-description.ts";
import { toWireFacts, type WireRunFacts } from "../wire/run-facts.ts";
import { decodeValue } from "../wire/values.ts";
import { bundleOf } from "./bundle-of-run.ts";
import { mapTo, submitTo, type WorkDesk } from "./calls-as-work.ts";
import type { Work } from "./chunk.ts";
import { createChunkWriter } from "./chunk-writer.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { Call, CallBatch, ClusterReport, ExecutorRun, Outcome, RunContext, Settled } from "./executor.ts";
import { FoundResults } from "./found-results.ts";
import { receiveNotices } from "./notice-loop.ts";
import { abandonRun, type BurstSettings, type OpenedRun, openRun } from "./open-run.ts";
import { PackReader } from "./pack-results.ts";
import { reconcile } from "./reconcile.ts";
import type { RememberedTask } from "./scaling-work.ts";
import { SlotTime } from "./slot-time.ts";
import { handleSuspect } from "./suspects.ts";

/** Workers that were told to leave get this long to say so before their queues vanish; they leave in any case. */
const farewellMs = 3_000;

interface Parts extends OpenedRun {
  readonly run: RunContext;
  readonly facts: WireRunFacts;
  readonly bundle: FlowBundle;
  readonly settings: BurstSettings;
  readonly startedAt: number;
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
  readonly #readyAt: number;
  readonly #slotTime: SlotTime;
  #chunkMs: number | undefined;
  #endedWell = false;

  /** Opens the cluster and bundles the flow side by side; when either fails, the other is undone. */
  static async start(run: RunContext, settings: BurstSettings): Promise<BurstRun> {
    const startedAt = settings.clock.now();
    const facts = toWireFacts(run.facts); // what cannot travel is refused before anything is opened
    const [bundled, opened] = await Promise.allSettled([bundleOf(run), openRun(run, settings)]);
    if (bundled.status === "fulfilled" && opened.status === "fulfilled") {
      const bundle = bundled.value;
      try {
        const { store } = opened.value.cluster;
        await Promise.all([
          // Also when it is there: the bucket deletes bundles by their age, and this one must live as long as its run.
          store.put(bundleKey(bundle.sha256), bundle.code),
          run.resumes === true ? undefined : describeRun(run, { facts, bundle, store }),
        ]);
        warnOfOtherCode(run, bundle, settings);
        return new BurstRun({ run, facts, bundle, settings, startedAt, ...opened.value });
      } catch (error) {
        await abandonRun(opened.value, run);
        throw error;
      }
    }
    if (opened.status === "fulfilled") await abandonRun(opened.value, run);
    throw bundled.status === "rejected" ? bundled.reason : opened.status === "rejected" ? opened.reason : undefined;
  }

  private constructor(parts: Parts) {
    const { run, facts, cluster, bundle, fleet, lease, settings } = parts;
    const { clock } = settings;
    const { runId } = run;
    const { tasks, store } = cluster;
    this.#parts = parts;
    this.#reader = new PackReader(store);
    this.#readyAt = clock.now();
    this.#slotTime = new SlotTime(this.#readyAt);
    this.#dispatcher = new Dispatcher({
      runId,
      tasks,
      store,
      write: createChunkWriter({ runId, facts, store, bundle: bundle.sha256, notices: cluster.notices.url }),
      slots: () => this.#slots,
      windowPerSlot: cluster.windowPerSlot,
      clock,
      noteOut: (chunks) => this.#slotTime.out(chunks, clock.now()),
      found: run.resumes === true ? new FoundResults(store, runId) : undefined,
      fail: (error) => this.#fail(error),
    });
    void parts.lost.then((error) => this.#fail(error)); // never rejects
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

  get #desk(): WorkDesk {
    return { reader: this.#reader, add: (work) => this.#add(work) };
  }

  /** Calls that the cluster runs at once, as far as is known. */
  get #slots(): number {
    const { cluster, fleet } = this.#parts;
    const slots = Math.max(cluster.workers * cluster.slotsPerWorker, fleet.slots);
    this.#mostSlots = Math.max(this.#mostSlots, slots);
    return slots;
  }

  async submit(call: Call): Promise<Outcome> {
    return await submitTo(this.#desk, call);
  }

  async map(batch: CallBatch, settle: (settled: Settled) => void): Promise<void> {
    await mapTo(this.#desk, batch, settle);
  }

  endedWell(): void {
    this.#endedWell = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { cluster, fleet, lease, settings } = this.#parts;
    const closedAt = settings.clock.now();
    const { chunks, busyMs } = this.#dispatcher.counts;
    // Slots of a shared cluster are held by other runs' chunks as well.
    if (fleet.sharedMs === undefined) this.#chunkMs = this.#slotTime.perChunkMs(chunks, busyMs);
    this.#dispatcher.abort(new CloudburstError("run_ended", "the run has ended"));
    // Each step goes on when another fails: whatever was started ends by its own limits as well (I7).
    const failures: unknown[] = [];
    const attempt = async (step: () => Promise<unknown>): Promise<void> => {
      await step().catch((error: unknown) => failures.push(error));
    };
    await attempt(() => lease.end());
    await attempt(() => fleet.stop("the run has ended"));
    await attempt(() => this.#awaitFarewells());
    this.#stopping.abort();
    await Promise.all(this.#loops);
    if (this.#endedWell && !lease.isLost) cluster.discardResults?.();
    await attempt(async () => await cluster[Symbol.asyncDispose]());
    await attempt(() => this.#remember(closedAt));
    this.#report = this.#makeReport(); // last, so that clearing away is counted too (I11)
    for (const error of failures) this.#warn(`clean-up was incomplete: ${toError(error).message}`);
  }

  #add(work: Work): void {
    if (this.#failure !== undefined) {
      work.reject(this.#failure);
      return;
    }
    const wasIdle = this.#dispatcher.isIdle;
    this.#dispatcher.add(work);
    if (wasIdle) this.#parts.fleet.workCame();
  }

  #handle(notice: Notice): void {
    const { fleet, settings } = this.#parts;
    switch (notice.kind) {
      case "hello":
        this.#slotTime.joined(notice.worker, notice.slots, settings.clock.now());
        fleet.joined(notice.worker, notice.slots);
        this.#dispatcher.refill();
        return;
      case "activity":
        fleet.tellActivity(notice.worker, notice.idle, notice.turn);
        return;
      case "bye":
        this.#workerRequests.add(notice.requests);
        fleet.left(notice.worker);
        this.#slotTime.left(notice.worker, settings.clock.now());
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
      ...(this.#chunkMs !== undefined && { chunkMs: this.#chunkMs }),
      ...(fleet.sharedMs !== undefined && { sharedWorkerMs: fleet.sharedMs }),
      ...(cluster.workerFacts?.prices !== undefined && { prices: cluster.workerFacts.prices }),
      launches: fleet.launches,
      limitedBy: fleet.limitedBy,
    };
  }

  /** For the next run whose fleet scales, and for plans. @param closedAt when the last result was there */
  async #remember(closedAt: number): Promise<void> {
    const { run, scaling, fleet, settings, startedAt, requestedAt } = this.#parts;
    const { workerKind } = scaling;
    if (workerKind === undefined) return;
    const tasks = new Map<string, RememberedTask>();
    const { measured } = this.#dispatcher.workload;
    for (const slug of this.#dispatcher.measuredTasks) {
      const calls = measured(slug);
      if (calls !== undefined) tasks.set(slug, calls);
    }
    const { flowName } = run;
    const now = settings.clock.now();
    const overhead = {
      openMs: requestedAt - startedAt,
      readyMs: Math.max(0, this.#readyAt - requestedAt),
      closeMs: now - closedAt,
      chunkMs: this.#chunkMs,
    };
    await settings.pastRuns.remember({ flowName, workerKind, startUpMs: fleet.startUpMs, overhead, tasks }, now);
  }
}

/** What a driver that resumes the run must know (I4). */
async function describeRun(
  { runId, flowName, startedAtMs, outline }: RunContext,
  { facts, bundle, store }: Pick<Parts, "facts" | "bundle"> & { readonly store: Store },
): Promise<void> {
  const { parameters, context } = facts;
  const about = { v: 1, flow: flowName, startedAtMs, parameters, context, outline, bundle: bundle.sha256 } as const;
  await store.put(runDescriptionKey(runId), Buffer.from(encodeRunDescription(about)));
}

function warnOfOtherCode({ runId, emit }: RunContext, { sha256 }: FlowBundle, { bundleBefore }: BurstSettings): void {
  if (bundleBefore === undefined || bundleBefore === sha256) return;
  const message = `the flow's code has changed since run ${runId} began: results that are there already were made by the code before`;
  emit({ kind: "warning", message });
}

function sum(...parts: readonly RequestCounts[]): RequestCounts {
  const counter = createRequestCounter();
  for (const part of parts) counter.add(part);
  return counter.counts();
}
