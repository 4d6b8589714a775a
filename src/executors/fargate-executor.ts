/** The headline: maps burst onto workers that receive chunks through SQS and write results to S3. */
import type { AdaptOptions } from "../adaptive/adapt-options.ts";
import { systemClock } from "../base/clock.ts";
import { CloudburstError } from "../base/errors.ts";
import type { OpenCluster } from "../cluster/cluster.ts";
import { openExistingCluster } from "../cluster/existing-cluster.ts";
import { bringPacks } from "./bring-packs.ts";
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
import { cacheDirectory, PastRuns } from "./past-runs.ts";

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
    return await bringPacks(values);
  }

  #runOf(runId: string): BurstRun {
    const run = this.#runs.get(runId);
    if (run === undefined) throw new CloudburstError("not_started", "This executor has not been started.");
    return run;
  }
}

function openerOf(resolved: ResolvedFargateOptions): OpenCluster {
  if (resolved.kind === "class") return resolved.open;
  return openExistingCluster(resolved.address, resolved.aws);
}
