/**
 * KEDA with its defaults, on Fargate (EKS): 0 → 1 when a poll sees a message, then the HPA; down after 300 s of
 * stabilisation, to 0 after 300 s without a message. `maxReplicaCount` is raised from 100 to the account's quota.
 */
import type { Policy, World } from "../../../src/simulate/world.ts";
import { hpaStepUp, hpaSyncMs, kedaCooldownMs, kedaPollMs, kedaWanted } from "./keda-formula.ts";
import { replaceMissing, stopSome } from "./plain-launcher.ts";

const stabilisationMs = 300_000;

export function keda(maximum: number): Policy {
  let messages = 0;
  let polledAt = -Infinity;
  let syncedAt = -Infinity;
  let lastActiveAt = 0;
  let replicas = 0;
  let recent: { readonly at: number; readonly wanted: number }[] = [];
  return {
    name: "KEDA",
    intervalMs: 1_000,
    tick: (world) => {
      const { now } = world;
      if (now - polledAt >= kedaPollMs) {
        polledAt = now;
        messages = queueDepth(world);
        if (messages > 0) lastActiveAt = now;
        if (replicas === 0 && messages > 0) replicas = 1;
        if (messages === 0 && now - lastActiveAt >= kedaCooldownMs) replicas = 0;
      }
      if (replicas > 0 && now - syncedAt >= hpaSyncMs) {
        syncedAt = now;
        const wanted = Math.max(1, Math.min(maximum, kedaWanted(messages)));
        recent = [...recent.filter(({ at }) => now - at < stabilisationMs), { at: now, wanted }];
        // Down only to the highest wish of the stabilisation window.
        replicas =
          wanted > replicas
            ? hpaStepUp(replicas, wanted)
            : Math.min(replicas, Math.max(...recent.map((each) => each.wanted)));
      }
      replaceMissing(world, replicas, Infinity);
      stopSome(world, world.alive.size - world.counts.leaving - replicas);
    },
  };
}

function queueDepth(world: World): number {
  return world.trace.batches
    .map((_, index) => world.messagesIn(index))
    .reduce((sum, { waiting, inFlight }) => sum + waiting + inFlight, 0);
}
