/** Runs calls side by side on this machine, without any cloud: in threads of this process, or in processes of their own. */
import { availableParallelism } from "node:os";
import { pathToFileURL } from "node:url";
import * as z from "zod";
import { CloudburstError } from "../base/errors.ts";
import { parseOptions } from "../base/parse-options.ts";
import { findWorkerFile } from "../cluster/worker-file.ts";
import { ProcessSlot } from "../slots/process-slot.ts";
import { Slot } from "../slots/slot.ts";
import type {
  Call,
  CallBatch,
  Executor,
  ExecutorProfile,
  ExecutorRun,
  Outcome,
  RunContext,
  Settled,
} from "./executor.ts";
import { bringPacks } from "./bring-packs.ts";
import { LocalExecutor } from "./local-executor.ts";
import { ParallelRun, type SlotCrew } from "./parallel-run.ts";

export interface ParallelExecutorOptions {
  /**
   * Where calls run, in upper or lower case: `"threads"` (or `"threading"`) of this process; `"processes"` (or
   * `"multiprocessing"`), one for each worker; `"sync"` (or `"synchronous"`, `"single-threaded"`): in this thread one after
   * the other, as with the `LocalExecutor`. @default "threads"
   */
  readonly scheduler?: string | undefined;
  /** Calls that run at once; means nothing to `"sync"`. @default as many as this process may use cores */
  readonly numWorkers?: number | undefined;
}

const schedulers = {
  threads: "threads",
  threading: "threads",
  processes: "processes",
  multiprocessing: "processes",
  sync: "sync",
  synchronous: "sync",
  "single-threaded": "sync",
} as const;
type Scheduler = (typeof schedulers)[keyof typeof schedulers];

const isScheduler = (name: string): name is keyof typeof schedulers => Object.hasOwn(schedulers, name);
const allowed = `must be one of ${Object.keys(schedulers)
  .map((name) => `"${name}"`)
  .join(", ")}`;

const schema = z.strictObject({
  scheduler: z
    .string({ error: allowed })
    .transform((name) => name.toLowerCase())
    .refine(isScheduler, { error: allowed })
    .transform((name): Scheduler => schedulers[name])
    .default("threads"),
  numWorkers: z
    .int({ error: "must be a whole number" })
    .min(1, { error: "must be at least 1" })
    .default(() => availableParallelism()),
});

export class ParallelExecutor implements Executor {
  readonly profile: ExecutorProfile;
  readonly fuses: boolean;
  readonly #scheduler: Scheduler;
  readonly #numWorkers: number;
  readonly #local = new LocalExecutor();
  /** Runs under way: one executor may serve several at once, each with slots of its own. */
  readonly #runs = new Map<string, ParallelRun>();

  /** @throws InvalidOptionError that names the option */
  constructor(options: ParallelExecutorOptions = {}) {
    const { scheduler, numWorkers } = parseOptions("ParallelExecutor", schema, options);
    this.#scheduler = scheduler;
    this.#numWorkers = numWorkers;
    this.fuses = scheduler !== "sync";
    this.profile = { place: "in-process", slots: scheduler === "sync" ? 1 : numWorkers };
  }

  async start(run: RunContext): Promise<ExecutorRun> {
    if (this.#scheduler === "sync") return await this.#local.start(run);
    const started = await ParallelRun.start(run, crewOf(this.#scheduler, this.#numWorkers));
    const runs = this.#runs;
    runs.set(run.runId, started);
    return {
      get report() {
        return started.report;
      },
      [Symbol.asyncDispose]: async () => {
        runs.delete(run.runId);
        await started[Symbol.asyncDispose]();
      },
    };
  }

  async submit(call: Call): Promise<Outcome> {
    return await this.#placeOf(call).submit(call);
  }

  async map(batch: CallBatch, settle: (settled: Settled) => void): Promise<void> {
    await this.#placeOf(batch).map(batch, settle);
  }

  async wait(values: readonly unknown[]): Promise<readonly unknown[]> {
    return await bringPacks(values);
  }

  #placeOf({ runId }: { readonly runId: string }): Pick<Executor, "submit" | "map"> {
    if (this.#scheduler === "sync") return this.#local;
    const run = this.#runs.get(runId);
    if (run === undefined) throw new CloudburstError("not_started", "This executor has not been started.");
    return run;
  }
}

function crewOf(scheduler: Exclude<Scheduler, "sync">, slots: number): SlotCrew {
  const file = pathToFileURL(findWorkerFile());
  return scheduler === "threads"
    ? { description: `${String(slots)} threads of this process`, workers: 1, slots, open: () => new Slot({ file }) }
    : { description: `${String(slots)} processes`, workers: slots, slots, open: () => new ProcessSlot(file) };
}
