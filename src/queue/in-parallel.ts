/**
 * Does the work on all items, at most `limit` at a time, and returns the results in order. The first failure aborts
 * what runs, is awaited with it, and is thrown.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<readonly R[]> {
  const failing = new AbortController();
  const either = signal === undefined ? failing.signal : AbortSignal.any([signal, failing.signal]);
  const results: R[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length && !either.aborted; index = next++) {
      results[index] = await work(items[index] as T, either);
    }
  };
  const lanes = Array.from({ length: Math.min(limit, items.length) }, () =>
    lane().catch((error: unknown) => {
      failures.push(error);
      failing.abort(error);
    }),
  );
  await Promise.all(lanes);
  signal?.throwIfAborted();
  if (failures.length > 0) throw failures[0];
  return results;
}
