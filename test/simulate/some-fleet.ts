import type { FleetProfile } from "../../src/executors/executor.ts";

/** Workers of 1 vCPU and 2 GB on ARM64, at their price with a public address. */
export const someFleet: FleetProfile = {
  minimum: 0,
  maximum: null,
  slotsPerWorker: 1,
  targetDurationMs: 5_000,
  intervalMs: 1_000,
  waitCount: 3,
  spot: false,
  fallBack: true,
  worker: { vcpu: 1, memoryGb: 2, architecture: "arm64", publicIpv4: true },
  usdPerHour: { spot: 0.0188, "on-demand": 0.0445 },
  assumed: [],
};
