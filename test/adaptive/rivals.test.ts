import { describe, expect, it } from "vitest";
import { cdkStep, targetTracking } from "../../bench/simulate/policies/aws-formulas.ts";
import { daskTarget } from "../../bench/simulate/policies/dask-formula.ts";
import { hpaStepUp, kedaWanted } from "../../bench/simulate/policies/keda-formula.ts";

describe("the rivals' formulas, against values worked out by hand", () => {
  it("Dask: seconds of work over the target duration of 5 s", () => {
    const load = { queued: 90, processing: 10, averageSeconds: 2, workers: 10, idleWorkers: 0 };
    expect(daskTarget(load)).toBe(40); // 100 x 2 s / 5 s
    expect(daskTarget({ ...load, averageSeconds: undefined })).toBe(10); // 100 x 0.5 s / 5 s
    expect(daskTarget({ ...load, averageSeconds: 60 })).toBe(100); // 1,200, but only 100 tasks
  });

  it("Dask: one worker for any work, and down only by idle workers", () => {
    expect(daskTarget({ queued: 1, processing: 0, averageSeconds: 0.1, workers: 0, idleWorkers: 0 })).toBe(1);
    const ending = { queued: 0, processing: 5, averageSeconds: 1, workers: 20, idleWorkers: 15 };
    expect(daskTarget(ending)).toBe(5); // wants 1, but five are busy
    expect(daskTarget({ ...ending, idleWorkers: 4 })).toBe(16);
  });

  it("KEDA: five messages for each replica", () => {
    expect(kedaWanted(0)).toBe(0);
    expect(kedaWanted(1)).toBe(1);
    expect(kedaWanted(301)).toBe(61);
  });

  it("HPA: at most four pods or twice as many in a step, and nothing within a tenth", () => {
    expect(hpaStepUp(1, 60)).toBe(5);
    expect(hpaStepUp(5, 60)).toBe(10);
    expect(hpaStepUp(40, 60)).toBe(60);
    expect(hpaStepUp(60, 65)).toBe(60);
  });

  it("target tracking: capacity in proportion to the metric", () => {
    expect(targetTracking(1, 2_400_000, 60_000)).toBe(40);
    expect(targetTracking(40, 15_000, 60_000)).toBe(10);
  });

  it("CDK: minus one at 0, plus one from 100, plus five from 500 messages", () => {
    expect([0, 1, 99, 100, 499, 500, 10_000].map(cdkStep)).toEqual([-1, 0, 0, 1, 1, 5, 5]);
  });
});
