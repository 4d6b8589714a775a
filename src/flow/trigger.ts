import { InvalidOptionError } from "../base/errors.ts";
import { refuseUnknownOptions } from "./known-options.ts";
import { preview } from "./preview.ts";
import { PAUSE } from "./signals.ts";

/** How the upstreams of a call ended. Skipped, cached and mapped count as successful, trigger-failed as failed. */
export interface UpstreamCounts {
  /** 0 where the upstreams are the children of a mapped task that had none; without upstreams no trigger is asked. */
  readonly total: number;
  readonly successful: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Decides, once all upstreams have finished, whether a call runs. A signal that it throws becomes the call's state; any
 * other error ends the call as `TriggerFailed`.
 */
export interface Trigger {
  readonly name: string;
  /** True: run. False: the call ends `TriggerFailed` with `message`. */
  readonly test: (upstream: UpstreamCounts) => boolean;
  readonly message: string;
  /** Asked before `test`. True: the call ends `Skipped`. @default never */
  readonly skips?: (upstream: UpstreamCounts) => boolean;
  /** Asked of tasks without upstreams as well. @default false: these run */
  readonly asksAlways?: boolean;
}

/** Runs when every upstream was successful. The default. */
export const allSuccessful: Trigger = {
  name: "all_successful",
  test: ({ total, successful }) => successful === total,
  message: 'Trigger was "all_successful" but some of the upstream tasks failed.',
};

/** Runs when every upstream failed. */
export const allFailed: Trigger = {
  name: "all_failed",
  test: ({ total, failed }) => failed === total,
  message: 'Trigger was "all_failed" but some of the upstream tasks succeeded.',
};

/** Runs when at least one upstream was successful. */
export const anySuccessful: Trigger = {
  name: "any_successful",
  test: ({ successful }) => successful > 0,
  message: 'Trigger was "any_successful" but none of the upstream tasks succeeded.',
};

/** Runs when at least one upstream failed. */
export const anyFailed: Trigger = {
  name: "any_failed",
  test: ({ failed }) => failed > 0,
  message: 'Trigger was "any_failed" but none of the upstream tasks failed.',
};

/** Runs when every upstream has finished, however it ended. */
export const allFinished: Trigger = {
  name: "all_finished",
  test: () => true,
  message: 'Trigger was "all_finished" but some of the upstream tasks were not finished.',
};

/** The same as {@link allFinished}. */
export const alwaysRun: Trigger = allFinished;

/** Runs when every upstream was successful, and skips when all of them were skipped. Needs `skipOnUpstreamSkip: false`. */
export const notAllSkipped: Trigger = {
  name: "not_all_skipped",
  skips: ({ total, skipped }) => skipped === total,
  test: ({ total, successful }) => successful === total,
  message: 'Trigger was "not_all_skipped" but some of the upstream tasks failed.',
};

/** Never runs by itself: once the upstreams have finished, the call pauses, and `onPause` of the run is asked. */
export const manualOnly: Trigger = {
  name: "manual_only",
  test: () => {
    throw new PAUSE('Trigger function is "manual_only"');
  },
  message: 'Trigger was "manual_only" but nobody let the task run.',
  asksAlways: true,
};

/** How many upstreams, bounds included. Below 1 a bound is a fraction of all upstreams, else their number. */
export interface Thresholds {
  /** @default no lower bound */
  readonly atLeast?: number | undefined;
  /** @default no upper bound */
  readonly atMost?: number | undefined;
}

/**
 * Runs when the number of successful upstreams lies within the thresholds.
 *
 * @throws {InvalidOptionError} when a threshold is not a number of upstreams or a fraction of them.
 */
export function someSuccessful(thresholds: Thresholds = {}): Trigger {
  return thresholdTrigger("some_successful", thresholds, ({ successful }) => successful);
}

/**
 * Runs when the number of failed upstreams lies within the thresholds.
 *
 * @throws {InvalidOptionError} when a threshold is not a number of upstreams or a fraction of them.
 */
export function someFailed(thresholds: Thresholds = {}): Trigger {
  return thresholdTrigger("some_failed", thresholds, ({ failed }) => failed);
}

function thresholdTrigger(name: string, thresholds: Thresholds, count: (upstream: UpstreamCounts) => number): Trigger {
  refuseUnknownOptions(`trigger ${name}`, thresholds, ["atLeast", "atMost"]);
  const { atLeast, atMost } = thresholds;
  checkThreshold(name, "atLeast", atLeast);
  checkThreshold(name, "atMost", atMost);
  if (atLeast !== undefined && atMost !== undefined && atLeast < 1 === atMost < 1 && atLeast > atMost) {
    throw new InvalidOptionError(
      `atLeast of trigger ${name} must not be above atMost, got ${String(atLeast)} and ${String(atMost)}: it could never run`,
      { atLeast, atMost },
    );
  }
  return {
    name,
    test: (upstream) => {
      const lowest = atLeast === undefined ? 0 : inUpstreams(atLeast, upstream.total);
      const highest = atMost === undefined ? upstream.total : inUpstreams(atMost, upstream.total);
      return lowest <= count(upstream) && count(upstream) <= highest;
    },
    message: `Trigger was "${name}" but thresholds were not met.`,
  };
}

function inUpstreams(threshold: number, total: number): number {
  return threshold < 1 ? threshold * total : threshold;
}

function checkThreshold(trigger: string, option: string, value: unknown): void {
  if (value === undefined || (typeof value === "number" && value >= 0 && (value < 1 || Number.isInteger(value))))
    return;
  throw new InvalidOptionError(
    `${option} of trigger ${trigger} must be a whole number of upstreams, or a fraction below 1, got ${preview(value)}`,
    { option, value },
  );
}
