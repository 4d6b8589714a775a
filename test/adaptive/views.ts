/** Views, limits and their arbitraries for tests of scaling. */
import fc from "fast-check";
import type { FleetView, ScalingLimits, ScalingView, WorkView } from "../../src/adaptive/scaling-view.ts";

export const fargatePrice = { usdPerHour: 0.0445, minimumMs: 60_000, unbilledStartUpMs: 10_000 };

const calmWork: WorkView = {
  remainingCalls: 300,
  runningCalls: 0,
  callMs: { meanMs: 8_000, tailMs: 8_000 },
  runningForMs: 0,
  upcoming: undefined,
  otherRuns: { messages: 0, messageMs: 2_000 },
};

const emptyFleet: FleetView = { busy: 0, idle: 0, starting: 0, startingForMs: 0 };

export interface ViewChange extends Partial<Omit<ScalingView, "work" | "fleet">> {
  readonly work?: Partial<WorkView>;
  readonly fleet?: Partial<FleetView>;
}

export function viewOf({ work, fleet, ...rest }: ViewChange = {}): ScalingView {
  return {
    work: { ...calmWork, ...work },
    fleet: { ...emptyFleet, ...fleet },
    slotsPerWorker: 1,
    startUpMs: 40_000,
    elapsedMs: 0,
    spentWorkerMs: 0,
    ...rest,
  };
}

export function limitsOf(change: Partial<ScalingLimits> = {}): ScalingLimits {
  return {
    minimum: 0,
    maximum: null,
    targetDurationMs: 5_000,
    finishBy: undefined,
    budgetLeftUsd: undefined,
    quotaWorkers: undefined,
    price: fargatePrice,
    ...change,
  };
}

const ms = (max: number): fc.Arbitrary<number> => fc.double({ min: 0, max, noNaN: true });
const count = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });

const anyDuration = fc
  .tuple(fc.double({ min: 0.01, max: 1e6, noNaN: true }), fc.double({ min: 1, max: 100, noNaN: true }))
  .map(([meanMs, factor]) => ({ meanMs, tailMs: meanMs * factor }));

const anyWork: fc.Arbitrary<WorkView> = fc
  .record({
    remainingCalls: count(10_000_000),
    runningShare: fc.double({ min: 0, max: 1, noNaN: true }),
    callMs: fc.option(anyDuration, { nil: undefined }),
    runningForMs: ms(100_000),
    upcoming: fc.option(
      fc.record({
        calls: count(100_000),
        callMs: fc.option(ms(100_000), { nil: undefined }),
        inMs: ms(200_000),
      }),
      { nil: undefined },
    ),
    otherRuns: fc.record({ messages: count(100_000), messageMs: ms(100_000) }),
  })
  .map(({ runningShare, ...work }) => ({
    ...work,
    runningCalls: Math.floor(work.remainingCalls * runningShare * 0.1),
  }));

export const anyView: fc.Arbitrary<ScalingView> = fc.record({
  work: anyWork,
  fleet: fc.record({ busy: count(5_000), idle: count(1_000), starting: count(1_000), startingForMs: ms(100_000) }),
  slotsPerWorker: fc.integer({ min: 1, max: 64 }),
  startUpMs: fc.option(ms(200_000), { nil: undefined }),
  elapsedMs: ms(1e7),
  spentWorkerMs: ms(1e10),
});

export const now = 1_800_000_000_000;

export const anyLimits: fc.Arbitrary<ScalingLimits> = fc
  .record({
    minimum: count(50),
    above: fc.option(count(2_000), { nil: null }),
    targetDurationMs: fc.integer({ min: 1, max: 10_000_000 }),
    finishBy: fc.option(fc.integer({ min: now - 1_000, max: now + 10_000_000 }), { nil: undefined }),
    quotaWorkers: fc.option(fc.integer({ min: 50, max: 5_000 }), { nil: undefined }),
    usdPerHour: fc.constantFrom(0, 0.0445, 1),
    minimumMs: fc.constantFrom(0, 4_000, 60_000),
  })
  .map(({ above, usdPerHour, minimumMs, ...limits }) => ({
    ...limits,
    maximum: above === null ? null : Math.max(1, limits.minimum + above),
    budgetLeftUsd: undefined,
    price: { usdPerHour, minimumMs, unbilledStartUpMs: 10_000 },
  }));
