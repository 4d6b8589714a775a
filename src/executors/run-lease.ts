/**
 * Shows the workers that the driver lives and still wants the results (I7), and tells those that are too many to leave.
 *
 *  L1 A driver that could not renew the lease for a while looks first whether another one has taken the run over, and writes
 *     no more when it has.
 */
import type { Clock } from "../base/clock.ts";
import { CloudburstError } from "../base/errors.ts";
import type { Store } from "../store/store.ts";
import { decodeRunLease, driverSilenceMs, encodeRunLease, queueName, type RunLease } from "../wire/run-lease.ts";
import { runLeaseKey } from "../wire/keys.ts";

/** Workers give up after five minutes without a renewal: ten may fail. */
const renewMs = 30_000;
/** Nobody takes a run over whose lease is younger than `driverSilenceMs`: below half of it there is nothing to look for. */
const doubtMs = driverSilenceMs / 2;

export interface RunLeaseHolder {
  /** Asks these workers, and no others, to leave. What cannot be written is written with the next word or renewal. */
  dismiss(workerIds: readonly string[]): void;
  /** Tells the workers that the run is over, and renews no more. */
  end(): Promise<void>;
  /** Another driver has taken the run over: nothing of it is this one's any more. */
  readonly isLost: boolean;
}

export interface RunLeaseOptions {
  readonly store: Store;
  readonly runId: string;
  /** Which of the run's drivers this is. */
  readonly driver: number;
  /** URL of the queue that it listens on. */
  readonly notices: string;
  /** Told once when the run was taken over. */
  readonly onLoss: (error: CloudburstError) => void;
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
  #writtenAt: number | undefined;
  isLost = false;
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
    if (!this.isLost) await this.#write("ended");
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
    const { store, runId, driver, notices, clock, lookMs } = this.#options;
    const leaving = this.#leaving;
    const scaling = lookMs === undefined ? {} : { scaling: { lookMs, leaving: [...leaving] } };
    const about = { v: 1, state, renewal: this.#renewal, driver, notices: queueName(notices) } as const;
    const beganAt = clock.now();
    if (this.#writtenAt !== undefined && beganAt - this.#writtenAt >= doubtMs && (await this.#findLoss())) return; // L1
    await store.put(runLeaseKey(runId), Buffer.from(encodeRunLease({ ...about, ...scaling })));
    this.#writtenAt = beganAt;
    this.#told = new Set(leaving);
  }

  async #findLoss(): Promise<boolean> {
    const { store, runId, driver, onLoss } = this.#options;
    const body = await store.get(runLeaseKey(runId));
    const now = body === undefined ? 1 : (decodeRunLease(Buffer.from(body).toString("utf8")).driver ?? 1);
    if (now <= driver) return false;
    this.isLost = true;
    this.#stopping.abort();
    onLoss(
      new CloudburstError(
        "run_taken_over",
        `run ${runId} has been resumed by another driver, since this one had not renewed its lease for minutes (was it asleep, or ` +
          "cut off?)",
        { data: { runId, driver: now } },
      ),
    );
    return true;
  }
}
