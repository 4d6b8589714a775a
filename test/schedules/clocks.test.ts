import { describe, expect, test } from "vitest";
import { CronClock, type CronClockOptions } from "../../src/schedules/cron-clock.ts";
import { IntervalClock } from "../../src/schedules/interval-clock.ts";
import { CronSchedule, IntervalSchedule, Schedule } from "../../src/schedules/schedule.ts";
import { thrownBy } from "../flow/support.ts";

function times(schedule: Schedule, count: number, after: string): string[] {
  return schedule.upcoming(count, new Date(after)).map(({ at }) => at.toISOString());
}

function cronTimes(cron: string, options: CronClockOptions, count: number, after: string): string[] {
  return times(CronSchedule(cron, options), count, after);
}

describe("an interval schedule", () => {
  test("has its events whole intervals after the start", () => {
    const schedule = IntervalSchedule({ startDate: new Date("2026-01-01T00:00:07Z"), interval: "1m" });
    expect(times(schedule, 2, "2026-01-01T12:00:00Z")).toEqual([
      "2026-01-01T12:00:07.000Z",
      "2026-01-01T12:01:07.000Z",
    ]);
  });

  test("starts from 2019 when no start is given, so that a minute's interval has full minutes", () => {
    expect(times(IntervalSchedule({ interval: 60_000 }), 1, "2026-03-04T05:06:07Z")).toEqual([
      "2026-03-04T05:07:00.000Z",
    ]);
  });

  test("has no event at the moment that it is asked for what comes after", () => {
    const schedule = IntervalSchedule({ interval: "1m" });
    expect(times(schedule, 1, "2026-01-01T12:00:00Z")).toEqual(["2026-01-01T12:01:00.000Z"]);
    expect(times(schedule, 1, "2026-01-01T11:59:59.999Z")).toEqual(["2026-01-01T12:00:00.000Z"]);
  });

  test("begins with its start when that is still to come", () => {
    const schedule = IntervalSchedule({ startDate: "2030-01-01T00:00:30Z", interval: "1h" });
    expect(times(schedule, 2, "2026-01-01T00:00:00Z")).toEqual([
      "2030-01-01T00:00:30.000Z",
      "2030-01-01T01:00:30.000Z",
    ]);
  });

  test("ends with its end date, which is an event where it fits", () => {
    const schedule = IntervalSchedule({ interval: "1h", endDate: "2026-01-01T02:00:00Z" });
    expect(times(schedule, 9, "2026-01-01T00:30:00Z")).toEqual([
      "2026-01-01T01:00:00.000Z",
      "2026-01-01T02:00:00.000Z",
    ]);
  });

  test("counts elapsed time: a day is 24 hours when the wall clock skips one", () => {
    const schedule = IntervalSchedule({ startDate: "2026-03-28T09:00:00+01:00", interval: "1d" }); // Berlin
    expect(times(schedule, 1, "2026-03-28T12:00:00Z")).toEqual(["2026-03-29T08:00:00.000Z"]); // 10:00 there
  });

  test.each([0, -1, "0s"])("refuses the interval %j with Prefect's words", (interval) => {
    expect(() => IntervalSchedule({ interval })).toThrow("Interval must be greater than 0.");
  });

  test.each(["a minute", "5", Number.NaN, undefined])("refuses %j, which is no length of time", (interval) => {
    expect(() => IntervalSchedule({ interval: interval as string })).toThrow(/interval must be milliseconds or text/);
  });

  test("refuses a start that is no date", () => {
    expect(() => IntervalSchedule({ interval: 1, startDate: "soon" })).toThrow(/startDate must be a Date .*got "soon"/);
  });

  test("can be made with `new` as well", () => {
    const schedule = new IntervalSchedule({ interval: "1m" });
    expect(times(schedule, 1, "2026-01-01T00:00:00Z")).toEqual(["2026-01-01T00:01:00.000Z"]);
  });
});

describe("a cron schedule", () => {
  test("speaks of UTC unless a timezone is named", () => {
    expect(cronTimes("30 6 * * *", {}, 1, "2026-07-01T00:00:00Z")).toEqual(["2026-07-01T06:30:00.000Z"]);
    const berlin = { timezone: "Europe/Berlin" };
    expect(cronTimes("30 6 * * *", berlin, 1, "2026-07-01T00:00:00Z")).toEqual(["2026-07-01T04:30:00.000Z"]);
  });

  test("follows the wall clock into summer time and out of it", () => {
    const options = { timezone: "America/New_York" };
    const spring = cronTimes("0 9 * * *", options, 2, "2026-03-07T00:00:00Z");
    expect(spring).toEqual(["2026-03-07T14:00:00.000Z", "2026-03-08T13:00:00.000Z"]);
    const autumn = cronTimes("0 9 * * *", options, 2, "2026-10-31T00:00:00Z");
    expect(autumn).toEqual(["2026-10-31T13:00:00.000Z", "2026-11-01T14:00:00.000Z"]);
  });

  test("runs a daily job once on the day whose wall clock skips its time, and once on the day that has it twice", () => {
    const options = { timezone: "Europe/Berlin" };
    const spring = cronTimes("30 2 * * *", options, 2, "2026-03-28T12:00:00Z");
    expect(spring).toEqual(["2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"]);
    const autumn = cronTimes("30 2 * * *", options, 2, "2026-10-24T12:00:00Z");
    expect(autumn).toEqual(["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"]);
  });

  test("runs an hourly job every hour of the night that is an hour longer", () => {
    const found = cronTimes("0 * * * *", { timezone: "Europe/Berlin" }, 3, "2026-10-24T23:30:00Z");
    expect(found).toEqual(["2026-10-25T00:00:00.000Z", "2026-10-25T01:00:00.000Z", "2026-10-25T02:00:00.000Z"]);
  });

  test("has its start and its end among its events where they fit", () => {
    const options = { start: "2026-01-01T03:00:00Z", end: "2026-01-01T05:00:00Z" };
    expect(cronTimes("0 * * * *", options, 9, "2026-01-01T00:00:00Z")).toEqual([
      "2026-01-01T03:00:00.000Z",
      "2026-01-01T04:00:00.000Z",
      "2026-01-01T05:00:00.000Z",
    ]);
  });

  test("takes a day of the month or a weekday, and both with dayOr: false", () => {
    const either = cronTimes("0 0 13 * 5", {}, 1, "2026-01-01T00:00:00Z");
    const both = cronTimes("0 0 13 * 5", { dayOr: false }, 1, "2026-01-01T00:00:00Z");
    expect([either, both]).toEqual([["2026-01-02T00:00:00.000Z"], ["2026-02-13T00:00:00.000Z"]]);
  });

  test("has no event when the date never comes", () => {
    expect(cronTimes("0 0 31 2 *", {}, 1, "2026-01-01T00:00:00Z")).toEqual([]);
  });

  test.each(["", "every day", "61 * * * *", "* * * * * *"])("refuses %j with Prefect's words", (cron) => {
    expect(thrownBy(() => CronSchedule(cron))).toMatchObject({
      code: "invalid_option",
      message: expect.stringMatching(/^Invalid cron string: /) as string,
    });
  });

  test("refuses a timezone that does not exist", () => {
    expect(() => CronSchedule("* * * * *", { timezone: "Mars/Base" })).toThrow(/timezone must be .*"Mars\/Base"/);
  });
});

describe("a schedule of several clocks", () => {
  test("merges them in the order of time", () => {
    const clocks = [IntervalClock({ interval: "40m" }), CronClock("0 * * * *")];
    expect(times(Schedule({ clocks }), 4, "2019-01-01T00:00:00Z")).toEqual([
      "2019-01-01T00:40:00.000Z",
      "2019-01-01T01:00:00.000Z",
      "2019-01-01T01:20:00.000Z",
      "2019-01-01T02:00:00.000Z",
    ]);
  });

  test("counts events once that are alike, and keeps those that differ in their parameters", () => {
    const [a, b] = [{ region: { name: "a" } }, { region: { name: "b" } }];
    const clocks = [a, b, { region: { name: "a" } }].map((parameterDefaults) =>
      IntervalClock({ interval: "1h", parameterDefaults }),
    );
    const events = Schedule({ clocks }).next(new Date("2026-01-01T00:30:00Z"));
    expect(events.map(({ parameterDefaults }) => parameterDefaults)).toEqual([a, b]);
  });

  test("ends when the last of them ends", () => {
    const ending = IntervalClock({ interval: "1h", endDate: "2026-01-01T01:00:00Z" });
    const longer = IntervalClock({ interval: "1h", endDate: "2026-01-01T02:00:00Z", parameterDefaults: { x: 1 } });
    const schedule = Schedule({ clocks: [ending, longer] });
    expect(schedule.upcoming(9, new Date("2026-01-01T00:00:00Z"))).toHaveLength(3);
  });

  test("refuses what is no list of clocks", () => {
    expect(() => Schedule({ clocks: [{}] as never })).toThrow(/clocks must be a list of clocks/);
  });
});
