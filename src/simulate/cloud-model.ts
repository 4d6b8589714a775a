/** The simulated launch side of the cloud: rates, quota, capacity, start-up times, Spot. */
import type { Capacity } from "../adaptive/capacity-choice.ts";
import type { LaunchFailure } from "../adaptive/launch-failure.ts";
import { fargateLaunchRate } from "../adaptive/launch-planner.ts";
import { type Bucket, fullBucket, takeTokens, tokensAt } from "../adaptive/token-bucket.ts";
import { exponential, logNormal, type Random, seeded } from "./random.ts";
import type { Cloud, Period } from "./trace.ts";

export interface LaunchAnswer {
  readonly started: number;
  readonly failures: readonly LaunchFailure[];
}

export class CloudModel {
  readonly #cloud: Cloud;
  readonly #random: Random;
  readonly #buckets: Record<Capacity, Bucket>;

  constructor(cloud: Cloud, seed: number) {
    this.#cloud = cloud;
    this.#random = seeded(seed);
    this.#buckets = { spot: fullBucket(fargateLaunchRate, 0), "on-demand": fullBucket(fargateLaunchRate, 0) };
  }

  /** RunTask: how many of `count` start. */
  launch(count: number, capacity: Capacity, alive: number, now: number): LaunchAnswer {
    const tokens = Math.floor(tokensAt(this.#buckets[capacity], fargateLaunchRate, now) + 1e-6);
    if (tokens < count) return refusal("ThrottlingException", "Rate exceeded");
    this.#buckets[capacity] = takeTokens(this.#buckets[capacity], fargateLaunchRate, count, now);
    const { quota, drought, spotStorm } = this.#cloud;
    const room = quota - alive;
    const dry = drought !== undefined && during(drought, now) ? drought.workers - alive : Infinity;
    if (
      capacity === "spot" &&
      spotStorm !== undefined &&
      during(spotStorm, now) &&
      this.#random() < spotStorm.refused
    ) {
      return refusal("Capacity is unavailable at this time", undefined);
    }
    const started = Math.max(0, Math.min(count, room, dry));
    if (started === count) return { started, failures: [] };
    const failure =
      room <= dry
        ? { reason: "You've reached the limit on the number of vCPUs you can run concurrently", detail: undefined }
        : { reason: "Capacity is unavailable at this time", detail: undefined };
    return { started, failures: [failure] };
  }

  /** From RunTask to hello, for the worker of this number: the same whatever policy asks. */
  startUpMs(worker: number): number {
    const { startUpMs, startUpSigma } = this.#cloud;
    return logNormal(seeded(worker * 7_919 + 17), startUpMs, startUpSigma);
  }

  /** When Spot takes back a worker that is there since `from`; undefined if it does not. */
  interruptionAt(worker: number, from: number): number | undefined {
    const storm = this.#cloud.spotStorm;
    if (storm === undefined) return undefined;
    const at = Math.max(from, storm.fromMs) + exponential(seeded(worker * 104_729 + 3), storm.meanLifeMs);
    return at < storm.toMs ? at : undefined;
  }
}

function during({ fromMs, toMs }: Period, now: number): boolean {
  return now >= fromMs && now < toMs;
}

function refusal(reason: string, detail: string | undefined): LaunchAnswer {
  return { started: 0, failures: [{ reason, detail }] };
}
