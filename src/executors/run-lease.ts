/** Shows the workers that the driver lives and still wants the results (I7), and tells those that are too many to leave. */
import type { Clock } from "../base/clock.ts";
import type { Store } from "../store/store.ts";
import { encodeRunLease, type RunLease } from "../wire/run-lease.ts";
import { runLeaseKey } from "../wire/keys.ts";

/** Workers give up after five minutes without a renewal: ten may fail. */
const renewMs = 30_000;

export interface RunLeaseHolder {
  /** Asks these workers, and no others, to leave. What cannot be written is written with the next word or renewal. */
  dismiss(workerIds: readonly string[]): void;
  /** Tells the workers that the run is over, and renews no more. */
  end(): Promise<void>;
}

export interface RunLeaseOptions {
  readonly store: Store;
  readonly runId: string;
  readonly clock: Clock;
  /** How often workers should look whether they are to leave; undefined where none ever is. */
  readonly lookMs: number | undefined;
}

export async function holdRunLease(options: RunLeaseOptions): Promise<RunLeaseHolder> {
  const holder = new LeaseWriter(options);
  await holder.begin();
  return holder;
}

class LeaseWriter implements RunLeaseHolder {
  readonly #options: RunLeaseOptions;
  readonly #stopping = new AbortController();
  #renewal = 0;
  #leaving: readonly string[] = [];
  #told: ReadonlySet<string> = new Set();
  #writing: Promise<void> | undefined;
  #renewing: Promise<void> | undefined;

  constructor(options: RunLeaseOptions) {
    this.#options = options;
  }

  async begin(): Promise<void> {
    await this.#write("running");
    this.#renewing = this.#renew();
  }

  dismiss(workerIds: readonly string[]): void {
    this.#leaving = workerIds;
    if (this.#options.lookMs === undefined || this.#stopping.signal.aborted) return;
    if (workerIds.every((id) => this.#told.has(id))) return; // those that have left since go with the next renewal
    // One at a time: an older list must not come after a newer one. The caller says it again in its next round.
    this.#writing ??= this.#write("running")
      .catch(() => undefined)
      .finally(() => (this.#writing = undefined));
  }

  async end(): Promise<void> {
    this.#stopping.abort();
    await this.#renewing;
    await this.#writing;
    await this.#write("ended");
  }

  async #renew(): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      await clock.sleep(renewMs, this.#stopping.signal).catch(() => undefined); // ends by the signal only
      if (this.#stopping.signal.aborted) return;
      await this.#writing;
      this.#renewal += 1;
      await this.#write("running").catch(() => undefined); // tried again at the next turn
    }
  }

  async #write(state: RunLease["state"]): Promise<void> {
    const { store, runId, lookMs } = this.#options;
    const leaving = this.#leaving;
    const scaling = lookMs === undefined ? {} : { scaling: { lookMs, leaving: [...leaving] } };
    const lease = encodeRunLease({ v: 1, state, renewal: this.#renewal, ...scaling });
    await store.put(runLeaseKey(runId), Buffer.from(lease));
    this.#told = new Set(leaving);
  }
}
