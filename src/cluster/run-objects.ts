/** What a run keeps in the bucket, and how it goes. */
import type { Store } from "../store/store.ts";
import { runLeaseKey, runPrefix } from "../wire/keys.ts";

/** DeleteObjects takes so many keys. */
const deleteBatch = 1000;

/**
 * Removes all objects of the run but its lease: a worker that has not yet seen the end of the run learns it there, and
 * drops what it has in hand. The bucket's lifecycle rule takes it away.
 */
export async function removeObjects(store: Store, runId: string): Promise<void> {
  let keys: string[] = [];
  for await (const key of store.list(runPrefix(runId))) {
    if (key === runLeaseKey(runId)) continue;
    keys.push(key);
    if (keys.length < deleteBatch) continue;
    await store.delete(keys);
    keys = [];
  }
  if (keys.length > 0) await store.delete(keys);
}
