/** Opens what one run on a cluster needs: the cluster, its lease, its first workers. */
import type { AdaptOptions } from "../adaptive/adapt-options.ts";
import type { Clock } from "../base/clock.ts";
import { type CloudburstError, InvalidOptionError } from "../base/errors.ts";
import type { Cluster, OpenCluster } from "../cluster/cluster.ts";
import type { RunContext } from "./executor.ts";
import { type FleetScaling, resolveFleetScaling } from "./fleet-scaling.ts";
import { FleetWatch } from "./fleet-watch.ts";
import { nothingKnown, type PastRuns } from "./past-runs.ts";
import { holdRunLease, type RunLeaseHolder, type RunLeaseOptions } from "./run-lease.ts";
import { SharedWorkers } from "./shared-workers.ts";
import type { Workforce } from "./workforce.ts";

/** What a run is started with besides what the engine says. */
export interface BurstSettings {
  readonly open: OpenCluster;
  readonly clock: Clock;
  /** Undefined: the number of workers is the cluster's own. */
  readonly adapt: AdaptOptions | undefined;
  readonly pastRuns: PastRuns;
  /** Which of the run's drivers this is. @default 1 */
  readonly driver?: number | undefined;
  /** SHA-256 of the bundle of the run's first driver, where this is another one. */
  readonly bundleBefore?: string | undefined;
  /** What the run has in its store outlives this driver. @default false */
  readonly resumable?: boolean | undefined;
}

export interface OpenedRun {
  readonly cluster: Cluster;
  readonly fleet: Workforce;
  readonly lease: RunLeaseHolder;
  readonly scaling: FleetScaling;
  /** When its first workers were requested. */
  readonly requestedAt: number;
  /** Resolves when another driver has taken the run over. */
  readonly lost: Promise<CloudburstError>;
}

/** When it rejects, nothing is left of what was opened. */
export async function openRun(run: RunContext, settings: BurstSettings): Promise<OpenedRun> {
  const { open, adapt, driver = 1 } = settings;
  const warn = (message: string): void => run.emit({ kind: "warning", message });
  const initialWorkers = adapt === undefined ? undefined : Math.max(1, adapt.minimum);
  const cluster = await open({ runId: run.runId, driver, signal: run.signal, warn, initialWorkers });
  try {
    const scaling = resolveFleetScaling(cluster, adapt);
    const fleet = await workforceOf(run, cluster, scaling, settings);
    let onLoss: (error: CloudburstError) => void = () => undefined;
    const lost = new Promise<CloudburstError>((resolve) => (onLoss = resolve));
    const requestedAt = settings.clock.now();
    const lease = await startFleet(run, cluster, { fleet, scaling, onLoss: (error) => onLoss(error) }, settings);
    return { cluster, fleet, lease, scaling, requestedAt, lost };
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}

async function workforceOf(
  run: RunContext,
  cluster: Cluster,
  scaling: FleetScaling,
  { clock, pastRuns, driver = 1, resumable = false }: BurstSettings,
): Promise<Workforce> {
  const { watchMs, fleet } = cluster;
  const { runId, flowName, emit } = run;
  if (fleet === undefined) {
    checkFixed(cluster, scaling);
    return new SharedWorkers({ watchMs, clock, emit, patience: cluster.patience });
  }
  const { workerKind, scales } = scaling;
  const remembered = scales && workerKind !== undefined ? await pastRuns.recall(flowName, workerKind) : nothingKnown;
  const planned = () => run.planned?.();
  const launchName = driver === 1 ? runId : `${runId}-${String(driver)}`; // ECS knows the launches of the driver before
  const resumableId = resumable ? runId : undefined;
  return new FleetWatch({ launchName, resumableId, fleet, scaling, remembered, planned, watchMs, clock, emit });
}

/** @throws InvalidOptionError where there is nothing that could start or end workers */
function checkFixed({ description }: Cluster, { scales }: FleetScaling): void {
  if (!scales) return;
  throw new InvalidOptionError(
    `adaptKwargs: the cluster (${description}) has no \`fleet\`, so that nobody can start its workers: leave adaptKwargs out, or give the cluster a \`fleet\``,
  );
}

async function startFleet(
  run: RunContext,
  { store, notices, description, slotsPerWorker, fleet: own }: Cluster,
  { fleet, scaling, onLoss }: Pick<OpenedRun, "fleet" | "scaling"> & Pick<RunLeaseOptions, "onLoss">,
  { clock, driver = 1 }: BurstSettings,
): Promise<RunLeaseHolder> {
  const lookMs = scaling.scales ? scaling.lookMs : undefined;
  // Before the first worker: none is paid where nothing can be written, and none finds the lease of the driver before.
  const lease = await holdRunLease({ store, runId: run.runId, driver, notices: notices.url, clock, lookMs, onLoss });
  try {
    await fleet.start();
    const workers = own === undefined ? 0 : scaling.initial;
    run.emit({ kind: "cluster-started", description, workers, slots: workers * slotsPerWorker });
    return lease;
  } catch (error) {
    await lease.end().catch(() => undefined); // the error that is thrown is the cause
    await fleet.stop("the run could not start").catch(() => undefined); // likewise
    throw error;
  }
}

/** Undoes a start that came to nothing. The reason is thrown by the caller; what fails here ends by its own limits (I7). */
export async function abandonRun({ cluster, fleet, lease }: OpenedRun, { resumes }: RunContext): Promise<void> {
  await lease.end().catch(() => undefined);
  await fleet.stop("the run could not start").catch(() => undefined);
  if (resumes !== true) cluster.discardResults?.(); // of a run that was to be resumed, all stays
  await cluster[Symbol.asyncDispose]();
}
