/** How many workers of how many slots a machine has when nobody says. */

export interface LocalSize {
  readonly workers: number;
  readonly slotsPerWorker: number;
}

/** By the rules that dask's local cluster has, for `cores` cores. */
export function resolveLocalSize(
  {
    nWorkers,
    threadsPerWorker,
  }: { readonly nWorkers?: number | undefined; readonly threadsPerWorker?: number | undefined },
  cores: number,
  initialWorkers?: number,
): LocalSize {
  // A fleet that scales grows to as many as there are cores for: one slot each, unless the user says otherwise.
  if (initialWorkers !== undefined) {
    return { workers: nWorkers ?? initialWorkers, slotsPerWorker: threadsPerWorker ?? 1 };
  }
  if (nWorkers !== undefined) {
    return { workers: nWorkers, slotsPerWorker: threadsPerWorker ?? Math.ceil(cores / Math.max(1, nWorkers)) };
  }
  if (threadsPerWorker !== undefined) {
    return { workers: Math.max(1, Math.floor(cores / threadsPerWorker)), slotsPerWorker: threadsPerWorker };
  }
  return { workers: cores, slotsPerWorker: 1 };
}
