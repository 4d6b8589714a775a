import { describe, expect, it } from "vitest";
import { resolveAdaptOptions } from "../../src/adaptive/adapt-options.ts";
import { InvalidOptionError } from "../../src/base/errors.ts";

const now = Date.parse("2030-01-01T00:00:00Z");

function refusal(given: object): string {
  try {
    resolveAdaptOptions(given, now);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError);
    return (error as Error).message;
  }
  throw new Error("the options were accepted");
}

describe("adaptKwargs", () => {
  it("may be left out one by one", () => {
    expect(resolveAdaptOptions({}, now)).toEqual({
      minimum: 0,
      maximum: null,
      targetDurationMs: 5_000,
      intervalMs: 1_000,
      waitCount: 3,
      finishBy: undefined,
      budgetUsd: undefined,
      usdPerWorkerHour: undefined,
    });
    expect(resolveAdaptOptions({ minimum: null, maximum: null }, now)).toMatchObject({ minimum: 0, maximum: null });
  });

  it("take durations as seconds or text, deadlines as dates or text", () => {
    const given = { targetDuration: "2m", interval: 0.5, finishBy: "2030-01-01T01:00:00Z", budget: { usd: 2 } };
    expect(resolveAdaptOptions(given, now)).toMatchObject({
      targetDurationMs: 120_000,
      intervalMs: 500,
      finishBy: now + 3_600_000,
      budgetUsd: 2,
    });
    expect(resolveAdaptOptions({ interval: "250ms", finishBy: new Date(now + 1) }, now)).toMatchObject({
      intervalMs: 250,
      finishBy: now + 1,
    });
  });

  it.each([
    [{ minimum: 5, maximum: 2 }, /`minimum` must not be above `maximum`, got 5 and 2/u],
    [{ minimum: -1 }, /`minimum`: .*at least 0.*got -1/u],
    [{ maximum: 0 }, /`maximum`: .*at least 1.*got 0/u],
    [{ maximum: 1.5 }, /`maximum`: .*got 1\.5/u],
    [{ maximun: 3 }, /unknown option `maximun`/u],
    [{ targetDuration: "5 parsecs" }, /`targetDuration`: .*"5s".*got 5 parsecs/u],
    [{ interval: 0 }, /`interval`: .*above 0.*got 0/u],
    [{ interval: -1 }, /`interval`/u],
    [{ waitCount: 0 }, /`waitCount`: .*at least 1.*got 0/u],
    [{ finishBy: "tomorrow" }, /`finishBy`: .*ISO 8601.*got tomorrow/u],
    [{ finishBy: "2029-12-31T23:59:59Z" }, /`finishBy` must lie in the future, got 2029-12-31/u],
    [{ budget: { usd: 0 } }, /`budget\.usd`: .*above 0.*got 0/u],
    [{ budget: { usd: 1, usdPerWorkerHour: -1 } }, /`budget\.usdPerWorkerHour`: .*above 0.*got -1/u],
    [{ budget: { eur: 1 } }, /unknown option `budget\.eur`/u],
  ])("refuse %j and say how to mend it", (given, message) => {
    expect(refusal(given)).toMatch(message);
  });
});
