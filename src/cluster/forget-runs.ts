/**
 * Takes away what runs have left in a scheduler whose drivers were killed, and the leases of those that have ended. On AWS the
 * bucket's lifecycle rule and the queues' retention do that; a scheduler would fill up.
 */
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Clock } from "../base/clock.ts";
import type { Store } from "../store/store.ts";
import { runLeaseKey } from "../wire/keys.ts";
import { deleteRunQueues } from "./teardown.ts";

const lookMs = 10 * 60 * 1000;
/** Workers drop the chunks of a silent driver after five minutes; one that slept for less than this goes on. */
const keepMs = 60 * 60 * 1000;

interface Seen {
  readonly lease: string;
  readonly since: number;
}

export class RunForgetter {
  readonly #store: Store;
  readonly #sqs: SQSClient;
  readonly #clock: Clock;
  readonly #seen = new Map<string, Seen>();

  constructor(store: Store, sqs: SQSClient, clock: Clock) {
    this.#store = store;
    this.#sqs = sqs;
    this.#clock = clock;
  }

  /** Looks again and again until the signal aborts. */
  async watch(signal: AbortSignal, log: (line: string) => void): Promise<void> {
    for (;;) {
      await this.#clock.sleep(lookMs, signal).catch(() => undefined); // ends by the signal only
      if (signal.aborted) return;
      await this.forget().catch((error: unknown) => {
        if (!signal.aborted) log(`looking for left runs failed: ${String(error)}`);
      });
    }
  }

  /** Forgets the runs whose lease is as it was an hour ago. */
  async forget(): Promise<void> {
    const keys = await this.#keysOfRuns();
    for (const runId of this.#seen.keys()) if (!keys.has(runId)) this.#seen.delete(runId);
    const stale = new Set<string>();
    for (const runId of keys.keys()) if (await this.#isStale(runId)) stale.add(runId);
    if (stale.size === 0) return;
    await deleteRunQueues(this.#sqs, stale);
    for (const runId of stale) await this.#store.delete(keys.get(runId) ?? []);
  }

  async #keysOfRuns(): Promise<ReadonlyMap<string, readonly string[]>> {
    const keys = new Map<string, string[]>();
    for await (const key of this.#store.list("runs/")) {
      const runId = key.split("/")[1] ?? "";
      const known = keys.get(runId);
      if (known === undefined) keys.set(runId, [key]);
      else known.push(key);
    }
    return keys;
  }

  async #isStale(runId: string): Promise<boolean> {
    const body = await this.#store.get(runLeaseKey(runId));
    const lease = body === undefined ? "" : Buffer.from(body).toString("utf8");
    const before = this.#seen.get(runId);
    if (before?.lease === lease) return this.#clock.now() - before.since >= keepMs;
    this.#seen.set(runId, { lease, since: this.#clock.now() });
    return false;
  }
}
