/**
 * CDK's QueueProcessingFargateService as it comes: steps on visible messages of the last minute, 300 s of cooldown,
 * at least one task; `maxScalingCapacity` is raised from 2 to the account's quota. CPU scaling is left out.
 */
import type { Policy, World } from "../../../src/simulate/world.ts";
import { cdkCooldownMs, cdkStep, metricMs } from "./aws-formulas.ts";
import { replaceMissing, stopSome } from "./plain-launcher.ts";

export function cdkSteps(maximum: number): Policy {
  let desired = 1;
  let measuredAt = 0;
  let published: number | undefined;
  let scaledAt = -Infinity;
  return {
    name: "CDK steps",
    intervalMs: 1_000,
    warmWorkers: 1,
    tick: (world) => {
      const { now } = world;
      if (now - measuredAt >= metricMs) {
        measuredAt = now;
        const change = published === undefined ? 0 : cdkStep(published);
        if (change !== 0 && now - scaledAt >= cdkCooldownMs) {
          desired = Math.max(1, Math.min(maximum, desired + change));
          scaledAt = now;
        }
        published = visible(world);
      }
      replaceMissing(world, desired, Infinity);
      stopSome(world, world.alive.size - world.counts.leaving - desired);
    },
  };
}

function visible(world: World): number {
  return world.trace.batches.map((_, index) => world.messagesIn(index)).reduce((sum, { waiting }) => sum + waiting, 0);
}
