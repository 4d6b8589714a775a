/** The headline: maps burst onto workers that receive chunks through SQS and write results to S3. */
import type { AdaptOptions } from "../adaptive/adapt-options.ts";
import { systemClock } from "../base/clock.ts";
import { CloudburstError } from "../base/errors.ts";
import type { OpenCluster } from "../cluster/cluster.ts";
import { openExistingCluster } from "../cluster/existing-cluster.ts";
import { BurstRun } from "./burst-run.ts";
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
import { profileOf } from "./executor-profile.ts";
import { type FargateExecutorOptions, type ResolvedFargateOptions, resolveFargateOptions } from "./fargate-options.ts";
import { type KnownPack, type PackReader, PackSlice, PackValue } from "./pack-results.ts";
import { cacheDirectory, PastRuns } from "./past-runs.ts";

/** Results that are read from the store at once, when a run brings its values home. */
const maxReads = 16;

export class FargateExecutor implements Executor {
  readonly fuses = true;
  readonly profile: ExecutorProfile;
  readonly #open: OpenCluster;
  readonly #adapt: AdaptOptions | undefined;
  /** Runs under way: one executor may serve several at once, each with a cluster of its own. */
  readonly #runs = new Map<string, BurstRun>();

  /**
   * With no arguments each run gets a local cluster: the embedded cloud, with one worker process for each core.
   * @throws InvalidOptionError that names the option, before anything is started
   */
  constructor(options: FargateExecutorOptions = {}) {
    const resolved = resolveFargateOptions(options);
    this.#open = openerOf(resolved);
    this.#adapt = resolved.adapt;
    this.profile = profileOf(resolved.given, resolved.adapt);
  }

  async start(run: RunContext): Promise<ExecutorRun> {
    const started = await BurstRun.start(run, {
      open: this.#open,
      adapt: this.#adapt,
      clock: systemClock,
      pastRuns: new PastRuns(cacheDirectory(process.env)),
    });
    this.#runs.set(run.runId, started);
    const runs = this.#runs;
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
    return await this.#runOf(call.runId).submit(call);
  }

  async map(batch: CallBatch, settle: (settled: Settled) => void): Promise<void> {
    await this.#runOf(batch.runId).map(batch, settle);
  }

  async wait(values: readonly unknown[]): Promise<readonly unknown[]> {
    const fetched = [...values];
    const packs = byPack(values);
    const waiting = packs.entries(); // the readers take from it in turn
    const read = async (): Promise<void> => {
      for (const [pack, { reader, places }] of waiting) {
        const lines = await reader.lines(pack);
        for (const [at, value] of places) fetched[at] = value.decode(lines);
      }
    };
    await Promise.all(Array.from({ length: Math.min(maxReads, packs.size) }, read));
    return fetched;
  }

  #runOf(runId: string): BurstRun {
    const run = this.#runs.get(runId);
    if (run === undefined) throw new CloudburstError("not_started", "This executor has not been started.");
    return run;
  }
}

interface Wanted {
  readonly reader: PackReader;
  readonly places: (readonly [at: number, value: PackValue | PackSlice])[];
}

/** A pack is read once, however many slices of it are wanted, and let go before the next. */
function byPack(values: readonly unknown[]): ReadonlyMap<KnownPack, Wanted> {
  const packs = new Map<KnownPack, Wanted>();
  for (const [at, value] of values.entries()) {
    if (!(value instanceof PackValue || value instanceof PackSlice)) continue;
    const wanted = packs.get(value.pack) ?? { reader: value.reader, places: [] };
    packs.set(value.pack, wanted);
    wanted.places.push([at, value]);
  }
  return packs;
}

function openerOf(resolved: ResolvedFargateOptions): OpenCluster {
  if (resolved.kind === "class") return resolved.open;
  return openExistingCluster(resolved.address, resolved.aws);
}
