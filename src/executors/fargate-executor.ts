/** The headline: maps burst onto workers that receive chunks through SQS and write results to S3. */
import type { AdaptOptions } from "../adaptive/adapt-options.ts";
import { systemClock } from "../base/clock.ts";
import { CloudburstError, InvalidOptionError } from "../base/errors.ts";
import type { OpenCluster } from "../cluster/cluster.ts";
import { openExistingCluster } from "../cluster/existing-cluster.ts";
import type { OpenRunArchive, RunArchive } from "../cluster/run-archive.ts";
import { keptValues } from "../wire/run-facts.ts";
import { bringPacks } from "./bring-packs.ts";
import { BurstRun } from "./burst-run.ts";
import type {
  Call,
  CallBatch,
  Executor,
  ExecutorProfile,
  ExecutorRun,
  Outcome,
  RecalledRun,
  RunContext,
  Settled,
} from "./executor.ts";
import { profileOf } from "./executor-profile.ts";
import { reopeningOf } from "./reopening.ts";
import { type FargateExecutorOptions, type ResolvedFargateOptions, resolveFargateOptions } from "./fargate-options.ts";
import type { BurstSettings } from "./open-run.ts";
import { cacheDirectory, PastRuns } from "./past-runs.ts";

export class FargateExecutor implements Executor {
  readonly fuses = true;
  readonly profile: ExecutorProfile;
  readonly #open: OpenCluster;
  readonly #adapt: AdaptOptions | undefined;
  readonly #openArchive: OpenRunArchive | undefined;
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
    this.#openArchive = resolved.openArchive;
    const reopening = reopeningOf(resolved.given);
    this.profile = { ...profileOf(resolved.given, resolved.adapt), ...(reopening && { reopening }) };
  }

  async start(run: RunContext): Promise<ExecutorRun> {
    const settings: BurstSettings = {
      open: this.#open,
      adapt: this.#adapt,
      clock: systemClock,
      pastRuns: new PastRuns(cacheDirectory(process.env)),
      resumable: this.#openArchive !== undefined,
    };
    const started = run.resumes === true ? await this.#resume(run, settings) : await BurstRun.start(run, settings);
    this.#runs.set(run.runId, started);
    const runs = this.#runs;
    return {
      get report() {
        return started.report;
      },
      endedWell: () => {
        started.endedWell();
      },
      [Symbol.asyncDispose]: async () => {
        runs.delete(run.runId);
        await started[Symbol.asyncDispose]();
      },
    };
  }

  async recall(runId: string, signal: AbortSignal): Promise<RecalledRun> {
    await using archive = await this.#archive(signal);
    const { flow, startedAtMs, outline, ...lines } = await archive.describe(runId);
    const parameters = keptValues(lines.parameters);
    return {
      flowName: flow,
      startedAtMs,
      outline,
      parameters: parameters.values,
      lostParameters: parameters.lost,
      context: keptValues(lines.context).values,
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

  /** The run has another driver before anything is opened for it, and can be resumed once more when nothing can be. */
  async #resume(run: RunContext, settings: BurstSettings): Promise<BurstRun> {
    await using archive = await this.#archive(run.signal);
    const { bundle } = await archive.describe(run.runId);
    const driver = await archive.takeOver(run.runId);
    try {
      return await BurstRun.start(run, { ...settings, driver, bundleBefore: bundle });
    } catch (error) {
      await archive.giveBack(run.runId, driver).catch(() => undefined); // else it counts as dead after a while
      throw error;
    }
  }

  /** @throws InvalidOptionError where runs leave nothing behind */
  async #archive(signal: AbortSignal): Promise<RunArchive> {
    if (this.#openArchive !== undefined) return await this.#openArchive(signal);
    const { place } = this.profile;
    throw new InvalidOptionError(
      place === "local"
        ? "resume: a LocalCluster ends with its driver, and its results with it (runs on a FargateCluster, a stack or a scheduler " +
            "can be resumed)"
        : "resume: what runs leave on a cluster class of your own is not known (runs on a FargateCluster, a stack or a scheduler " +
            "can be resumed)",
    );
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
