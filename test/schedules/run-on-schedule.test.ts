import { ResultCache } from "../../src/engine/result-cache.ts";
import { expect, test } from "vitest";
import { checkRun } from "../../src/engine/prepare-run.ts";
import { createFlowRunner } from "../../src/engine/run-flow.ts";
import type { Executor } from "../../src/executors/executor.ts";
import { LocalExecutor } from "../../src/executors/local-executor.ts";
import { context } from "../../src/flow/context.ts";
import { createFlowFactory } from "../../src/flow/flow-factory.ts";
import { Parameter } from "../../src/flow/parameter.ts";
import type { RunEvent } from "../../src/flow/run-event.ts";
import { task } from "../../src/flow/task.ts";
import { CronClock } from "../../src/schedules/cron-clock.ts";
import { IntervalClock } from "../../src/schedules/interval-clock.ts";
import { onSchedule } from "../../src/schedules/run-on-schedule.ts";
import { IntervalSchedule, Schedule } from "../../src/schedules/schedule.ts";
import { VirtualClock } from "./virtual-clock.ts";

const noon = "2026-01-01T12:00:00Z";

/** `flow` with a clock of its own, and what its runs warned of. */
function lab({ configured = true } = {}) {
  const clock = new VirtualClock(noon);
  const warnings: string[] = [];
  const defaultExecutor = (): LocalExecutor => new LocalExecutor();
  const deps = { clock, random: () => 0.5, defaultExecutor, checkpointing: () => true, cache: new ResultCache() };
  const run = onSchedule(createFlowRunner(deps), {
    clock,
    runOnSchedule: async () => configured,
    check: async (flow, options) => checkRun(flow, options, deps),
    warn: (message) => warnings.push(message),
  });
  return { clock, warnings, flow: createFlowFactory(run) };
}

/** A minute's interval with `count` events after noon. */
function minutes(count: number) {
  return IntervalSchedule({ interval: "1m", endDate: new Date(Date.parse(noon) + count * 60_000) });
}

test("a flow runs at each event of its schedule, and gives the last state when there are no more", async () => {
  const { clock, flow } = lab();
  const ranAt: string[] = [];
  const look = task("look", () => ranAt.push(new Date(clock.now()).toISOString()));
  const looking = flow("looking", { schedule: minutes(3) }, () => look());
  const state = await looking.run();
  expect(ranAt).toEqual(["2026-01-01T12:01:00.000Z", "2026-01-01T12:02:00.000Z", "2026-01-01T12:03:00.000Z"]);
  expect(state).toMatchObject({ kind: "Success", result: 3 });
});

test("a task knows for when its run was planned", async () => {
  const { flow } = lab();
  const planned: unknown[] = [];
  const look = task("look", () => planned.push([context.scheduledStartTime.toISOString(), context.get("own")]));
  await flow("looking", { schedule: minutes(2) }, () => look()).run({ context: { own: 1 } });
  expect(planned).toEqual([
    ["2026-01-01T12:01:00.000Z", 1],
    ["2026-01-01T12:02:00.000Z", 1],
  ]);
});

test("a schedule can be set on a flow that is there, and taken away", async () => {
  const { clock, flow } = lab();
  const one = flow("one", () => task("one", () => 1)());
  one.schedule = minutes(2);
  await one.run();
  const sleeps = clock.sleptMs.length;
  one.schedule = undefined;
  await one.run();
  expect([sleeps, clock.sleptMs.length]).toEqual([2, 2]);
});

test("what was missed while a run took long is not made up for", async () => {
  const { clock, flow } = lab();
  const ranAt: number[] = [];
  const slow = task("slow", () => {
    ranAt.push((clock.now() - Date.parse(noon)) / 60_000);
    clock.nowMs += 150_000; // two and a half minutes
  });
  await flow("slow", { schedule: minutes(6) }, () => slow()).run();
  expect(ranAt).toEqual([1, 4]);
});

test("an event is run once, though its timer fires early", async () => {
  const { clock, flow } = lab();
  clock.earlyMs = 3;
  let runs = 0;
  await flow("early", { schedule: minutes(2) }, () => task("count", () => ++runs)()).run();
  expect(runs).toBe(2);
});

test("an event is run once, though the wall clock is set back while it runs", async () => {
  const { clock, flow } = lab();
  const ranAt: number[] = [];
  const setBack = task("set-back", () => {
    ranAt.push((clock.now() - Date.parse(noon)) / 60_000);
    clock.nowMs -= 30_000;
  });
  await flow("set-back", { schedule: minutes(3) }, () => setBack()).run();
  expect(ranAt).toEqual([1, 2, 3]);
});

test("a wait of months is slept in parts that a timer can count, and that notice when the clock is set", async () => {
  const { clock, flow } = lab();
  const schedule = IntervalSchedule({
    startDate: "2026-03-01T00:00:00Z",
    interval: "1d",
    endDate: "2026-03-01T00:00:00Z",
  });
  await flow("spring", { schedule }, () => task("one", () => 1)()).run();
  expect(Math.max(...clock.sleptMs)).toBe(60_000);
  expect(new Date(clock.now()).toISOString()).toBe("2026-03-01T00:00:00.000Z");
});

test("a run that fails does not end the schedule", async () => {
  const { flow, warnings } = lab();
  let runs = 0;
  const moody = task("moody", () => {
    runs += 1;
    if (runs === 1) throw new Error("not in the mood");
    return runs;
  });
  const state = await flow("moody", { schedule: minutes(2) }, () => moody()).run();
  expect(state.result).toBe(2);
  expect(warnings).toEqual([expect.stringMatching(/"moody", scheduled for 2026-01-01T12:01:00.000Z, ended as Failed/)]);
});

/** Cannot start the first `failures` times. */
function brokenExecutor(failures: number): Executor {
  const executor = new LocalExecutor();
  const start = executor.start.bind(executor);
  let starts = 0;
  executor.start = async (...args: Parameters<typeof start>) => {
    starts += 1;
    if (starts <= failures) throw new Error("no capacity");
    return start(...args);
  };
  return executor;
}

test("an executor that cannot start does not end the schedule, and is told to the observer", async () => {
  const { flow, warnings } = lab();
  const one = flow("one", { schedule: minutes(2), executor: brokenExecutor(1) }, () => task("one", () => 1)());
  const events: RunEvent[] = [];
  const state = await one.run({ onEvent: (event) => events.push(event) });
  expect(state.result).toBe(1);
  const told = events.filter(({ type }) => type === "run-broken" || type === "run-scheduled");
  expect(told.map(({ type }) => type)).toEqual(["run-scheduled", "run-broken", "run-scheduled"]);
  expect(told[1]).toMatchObject({ flowName: "one", error: new Error("no capacity") });
  expect(warnings).toEqual([]);
});

test("an observer that throws does not end the schedule", async () => {
  const { flow } = lab();
  const one = flow("one", { schedule: minutes(2) }, () => task("one", () => 1)());
  const onEvent = (): void => {
    throw new Error("cannot look");
  };
  await expect(one.run({ onEvent })).resolves.toMatchObject({ kind: "Success" });
});

test("when the last run could not begin, its error is the outcome", async () => {
  const { flow } = lab();
  const one = flow("one", { schedule: minutes(2), executor: brokenExecutor(2) }, () => task("one", () => 1)());
  await expect(one.run()).rejects.toThrow("no capacity");
});

test("a signal that aborts while the flow waits gives the last state", async () => {
  const { clock, flow } = lab();
  const aborter = new AbortController();
  clock.onSleep = () => {
    if (clock.sleptMs.length === 3) aborter.abort();
  };
  let runs = 0;
  const state = await flow("two", { schedule: IntervalSchedule({ interval: "1m" }) }, () =>
    task("count", () => ++runs)(),
  ).run({ signal: aborter.signal });
  expect(state).toMatchObject({ kind: "Success", result: 2 });
  expect(runs).toBe(2);
});

test("a signal that aborts before the first run gives a cancelled state, and nothing has run", async () => {
  const { clock, flow } = lab();
  const aborter = new AbortController();
  clock.onSleep = () => aborter.abort();
  let runs = 0;
  const state = await flow("never", { schedule: minutes(9) }, () => task("count", () => ++runs)()).run({
    signal: aborter.signal,
  });
  expect([state.kind, runs]).toEqual(["Cancelled", 0]);
});

test("a signal that aborts during a run ends the schedule with that run's cancelled state", async () => {
  const { flow } = lab();
  const aborter = new AbortController();
  const first = task("first", () => aborter.abort());
  const second = task("second", (before: unknown) => ["not reached", before]);
  const state = await flow("aborted", { schedule: minutes(9) }, () => second(first())).run({ signal: aborter.signal });
  expect(state.kind).toBe("Cancelled");
});

test("a schedule without an event to come is an error with Prefect's words", async () => {
  const { flow } = lab();
  const past = flow("past", { schedule: minutes(0) }, () => task("one", () => 1)());
  await expect(past.run()).rejects.toMatchObject({
    code: "schedule_exhausted",
    message: "Flow has no more scheduled runs.",
  });
});

test.each([
  { run: false, configured: true },
  { run: undefined, configured: false },
])("runOnSchedule $run, configured $configured: one run, at once", async ({ run, configured }) => {
  const { clock, flow } = lab({ configured });
  let runs = 0;
  const counting = flow("counting", { schedule: minutes(5) }, () => task("count", () => ++runs)());
  const state = await counting.run({ runOnSchedule: run });
  expect([state.result, clock.sleptMs]).toEqual([1, []]);
});

test("runOnSchedule: true comes before the configuration", async () => {
  const { clock, flow } = lab({ configured: false });
  await flow("one", { schedule: minutes(2) }, () => task("one", () => 1)()).run({ runOnSchedule: true });
  expect(clock.sleptMs).toHaveLength(2);
});

test("a clock's parameters come before those of the run, satisfy what is required, and are gone with their event", async () => {
  const { flow } = lab();
  const seen: unknown[] = [];
  const see = task("see", (x: unknown, y: unknown) => seen.push([x, y]));
  const build = () => see(Parameter("x"), Parameter("y", { default: "none" }));
  const clocks = [
    CronClock("1 12 * * *", { parameterDefaults: { x: "of the clock", y: 1 }, end: "2026-01-01T12:03:00Z" }),
    IntervalClock({ interval: "2m", parameterDefaults: { x: "of the other" }, endDate: "2026-01-01T12:02:00Z" }),
  ];
  const seeing = flow("seeing", { schedule: Schedule({ clocks }) }, build);
  await seeing.run({ parameters: { y: "of the run" } });
  expect(seen).toEqual([
    ["of the clock", 1],
    ["of the other", "of the run"],
  ]);
});

test.each([
  { what: "a parameter that is missing for one of the clocks", defaults: {}, wanted: /required parameters: x/ },
  {
    what: "a parameter of a clock that the flow has not",
    defaults: { x: 1, z: 2 },
    wanted: /unexpected parameters: z/,
  },
])("$what is refused before the first wait", async ({ defaults, wanted }) => {
  const { clock, flow } = lab();
  const clocks = [
    IntervalClock({ interval: "1m", parameterDefaults: { x: 1 } }),
    IntervalClock({ interval: "2m", parameterDefaults: defaults }),
  ];
  const strict = flow("strict", { schedule: Schedule({ clocks }) }, () =>
    task("id", (x: unknown) => x)(Parameter("x")),
  );
  await expect(strict.run()).rejects.toThrow(wanted);
  expect(clock.sleptMs).toEqual([]);
});

test("what is no executor is refused before the first wait", async () => {
  const { clock, flow } = lab();
  const one = flow("one", { schedule: minutes(3) }, () => task("one", () => 1)());
  await expect(one.run({ executor: {} as never })).rejects.toThrow(/executor must have the methods/);
  expect(clock.sleptMs).toEqual([]);
});

test("runs of one instant come one after the other", async () => {
  const { flow } = lab();
  const seen: unknown[] = [];
  const see = task("see", async (x: unknown) => {
    seen.push(`begin ${String(x)}`);
    await Promise.resolve();
    seen.push(`end ${String(x)}`);
  });
  const clocks = ["a", "b"].map((x) =>
    IntervalClock({ interval: "1m", parameterDefaults: { x }, endDate: "2026-01-01T12:01:00Z" }),
  );
  await flow("both", { schedule: Schedule({ clocks }) }, () => see(Parameter("x"))).run();
  expect(seen).toEqual(["begin a", "end a", "begin b", "end b"]);
});

test("what is no schedule is refused", async () => {
  const { flow } = lab();
  const one = flow("one", () => task("one", () => 1)());
  one.schedule = "1m" as never;
  await expect(one.run()).rejects.toThrow(/schedule of flow "one" must be a schedule/);
});
