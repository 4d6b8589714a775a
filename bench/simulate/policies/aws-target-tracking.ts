/**
 * Target tracking on backlog per task, as AWS's guides recommend for queues. Defaults: alarms on metrics of one minute,
 * three of them above the target to scale out, fifteen below 90 % of it to scale in, 300 s of cooldown for ECS.
 * Tuned fairly: the target is the backlog that a task works off in a minute, computed from the true duration.
 */
import type { Policy, World } from "../../../src/simulate/world.ts";
import { metricMs, serviceLaunchesPerMinute, targetTracking } from "./aws-formulas.ts";
import { replaceMissing, stopSome } from "./plain-launcher.ts";

const outPeriods = 3;
const inPeriods = 15;
const cooldownMs = 300_000;
/** In milliseconds of work instead of messages, so that one target fits all the tasks of a flow. */
const acceptableBacklogMs = 60_000;
/** A minute's metrics show what was at its beginning; the alarm sees them after it. */
const lookMs = 1_000;

export function awsTargetTracking(maximum: number): Policy {
  let desired = 1;
  let above = 0;
  let below = 0;
  let scaledAt = -Infinity;
  let measuredAt = 0;
  let published = 0;
  return {
    name: "AWS target tracking",
    intervalMs: lookMs,
    warmWorkers: 1,
    tick: (world) => {
      const { now } = world;
      if (now - measuredAt >= metricMs) {
        measuredAt = now;
        const target = acceptableBacklogMs;
        above = published > target ? above + 1 : 0;
        below = published < 0.9 * target ? below + 1 : 0;
        if (above >= outPeriods && desired < maximum && (now - scaledAt >= cooldownMs || scaledAt === -Infinity)) {
          desired = Math.min(maximum, targetTracking(desired, published, target));
          scaledAt = now;
        } else if (below >= inPeriods && desired > 1 && now - scaledAt >= cooldownMs) {
          desired = Math.max(1, targetTracking(desired, published, target));
          scaledAt = now;
        }
        published = backlogMs(world) / Math.max(1, world.counts.here);
      }
      replaceMissing(world, desired, (serviceLaunchesPerMinute / metricMs) * lookMs);
      stopSome(world, world.alive.size - world.counts.leaving - desired);
    },
  };
}

function backlogMs(world: World): number {
  let ms = 0;
  world.trace.batches.forEach((batch, index) => {
    const calls = batch.sums.length - 1;
    ms += (world.waitingIn(index) * (batch.sums[calls] ?? 0)) / calls;
  });
  return ms;
}
