/** Notices that launching is of no use: workers that never say hello, or that end before they get anything done. */

/** Nobody has said hello this long after the first launch: large images take up to two minutes. */
const helloDeadlineMs = 180_000;
/** First workers that must have failed before the rest are given up. */
const enoughFailures = 3;
/** Workers lost without anything committed in between, for each worker of the fleet: beyond, something kills them all. */
const barrenLossesPerWorker = 3;
/** A worker that dies this early after hello tells of a crash loop. */
const backoffBaseMs = 2_000;
const backoffMaxMs = 60_000;

export interface StartRecord {
  readonly started: number;
  readonly joined: number;
  /** Ended without a hello. */
  readonly failed: number;
  readonly firstStartAt: number | undefined;
  /** Joined, then lost, since the last commit. */
  readonly barrenLosses: number;
  /** No launches before: the back-off after barren losses. */
  readonly holdUntil: number;
  /** As the fleet explains it: with the remedy where there is one. */
  readonly lastReason: string | undefined;
}

export const noStarts: StartRecord = {
  started: 0,
  joined: 0,
  failed: 0,
  firstStartAt: undefined,
  barrenLosses: 0,
  holdUntil: 0,
  lastReason: undefined,
};

export function recordStarts(record: StartRecord, count: number, now: number): StartRecord {
  if (count === 0) return record;
  return { ...record, started: record.started + count, firstStartAt: record.firstStartAt ?? now };
}

export function recordHello(record: StartRecord): StartRecord {
  return { ...record, joined: record.joined + 1 };
}

export function recordProgress(record: StartRecord): StartRecord {
  return record.barrenLosses === 0 ? record : { ...record, barrenLosses: 0, holdUntil: 0 };
}

export function recordFailedStart(record: StartRecord, reason: string | undefined): StartRecord {
  return { ...record, failed: record.failed + 1, lastReason: reason ?? record.lastReason };
}

/** Replacing the lost waits longer each time, until something is committed again. */
export function recordLoss(record: StartRecord, reason: string | undefined, now: number): StartRecord {
  const barrenLosses = record.barrenLosses + 1;
  const holdMs = barrenLosses === 1 ? 0 : Math.min(backoffMaxMs, backoffBaseMs * 2 ** Math.min(10, barrenLosses - 2));
  return { ...record, barrenLosses, holdUntil: now + holdMs, lastReason: reason ?? record.lastReason };
}

/** Why launching should end, with ECS's own reason and the likely fix; undefined while it should not. */
export function startProblem(record: StartRecord, fleetSize: number, now: number): string | undefined {
  const { started, joined, failed, firstStartAt, barrenLosses, lastReason } = record;
  const why = lastReason ?? "the cloud gave no reason";
  if (joined === 0 && failed > 0 && (failed >= started || (failed >= enoughFailures && failed > started / 2))) {
    return `no worker could start: ${why}`;
  }
  if (joined === 0 && firstStartAt !== undefined && now - firstStartAt > helloDeadlineMs) {
    return `no worker said hello within ${helloDeadlineMs / 1000} s: ${lastReason === undefined ? "check that its subnets reach SQS and S3" : why}`;
  }
  if (barrenLosses > barrenLossesPerWorker * Math.max(1, fleetSize)) {
    return `workers keep ending before they finish anything: ${why}`;
  }
  return undefined;
}
