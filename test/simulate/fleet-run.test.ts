import { describe, expect, it } from "vitest";
import type { FleetProfile } from "../../src/executors/executor.ts";
import { noMemory } from "../../src/simulate/driver-view.ts";
import { simulateFleet } from "../../src/simulate/fleet-run.ts";
import { seeded } from "../../src/simulate/random.ts";
import { drawBatch } from "../../src/simulate/trace.ts";
import { someFleet } from "./some-fleet.ts";

function limitOf(change: Partial<FleetProfile>, calls: number, medianMs: number): string {
  const { limitedBy = "" } = simulateFleet({
    batches: [drawBatch(seeded(1), { task: "work", calls, medianMs, sigma: 0.1 })],
    fleet: { ...someFleet, ...change },
    startUp: { ms: 40_000, sigma: 0.1 },
    memory: { ...noMemory, startUpMs: 40_000, durationOf: () => ({ meanMs: medianMs, tailMs: medianMs }) },
    free: false,
    startedAt: 0,
  });
  return limitedBy.split(":")[0] ?? "";
}

describe("what limits a simulated run", () => {
  it("is the work where a fixed fleet has more workers than pay, and the fleet's number where it has fewer", () => {
    expect(limitOf({ minimum: 20, maximum: 20 }, 10, 1_000)).toBe("work");
    expect(limitOf({ minimum: 2, maximum: 2 }, 2_000, 5_000)).toBe("fixed number of workers");
  });

  it("is the maximum of a fleet that scales", () => {
    expect(limitOf({ maximum: 3 }, 2_000, 5_000)).toBe("maximum");
  });

  it("is the launch rate while a large fleet is being started", () => {
    expect(limitOf({ minimum: 4_000, maximum: 4_000 }, 20_000, 10_000)).toBe("launch rate");
  });
});
