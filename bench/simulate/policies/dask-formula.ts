/** Dask's `Scheduler.adaptive_target`, as distributed 2024 and later has it; durations in seconds as there. */

export interface DaskLoad {
  /** Tasks that are queued: not on a worker. */
  readonly queued: number;
  /** Tasks on workers. */
  readonly processing: number;
  /** Average duration of a task; undefined while none has ended: 0.5 s is assumed. */
  readonly averageSeconds: number | undefined;
  readonly workers: number;
  readonly idleWorkers: number;
}

const unknownSeconds = 0.5;
const daskTargetSeconds = 5;

/** Workers that Dask recommends: the load's seconds over the target's, never more than tasks, down only by idle ones. */
export function daskTarget(load: DaskLoad, targetSeconds = daskTargetSeconds): number {
  const { queued, processing, averageSeconds = unknownSeconds, workers, idleWorkers } = load;
  const occupancy = (queued + processing) * averageSeconds;
  const cores = Math.min(Math.ceil(occupancy / targetSeconds), queued + processing);
  const target = queued > 0 && workers === 0 ? Math.max(1, cores) : cores;
  if (target >= workers) return target;
  return Math.max(target, workers - idleWorkers);
}
