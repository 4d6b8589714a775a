import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LaunchFailure } from "../../src/adaptive/launch-failure.ts";
import {
  createLaunchState,
  fargateLaunchRate,
  type Launch,
  type LaunchAction,
  type LaunchEvent,
  type LaunchPolicy,
  type LaunchState,
  planLaunches,
  unansweredWorkers,
} from "../../src/adaptive/launch-planner.ts";

const policy: LaunchPolicy = { runId: "run", capacity: "on-demand", fallBack: true, rate: fargateLaunchRate };
const capacityGone = { reason: "Capacity is unavailable at this time", detail: undefined };

/** Drives the planner as a loop would. */
class Driver {
  state: LaunchState;
  readonly actions: LaunchAction[] = [];
  now = 0;

  constructor(change: Partial<LaunchPolicy> = {}) {
    this.state = createLaunchState({ ...policy, ...change }, 0);
  }

  tell(event: LaunchEvent): readonly LaunchAction[] {
    const { state, actions } = planLaunches(this.state, event, this.now);
    this.state = state;
    this.actions.push(...actions);
    return actions;
  }

  want(workers: number): readonly Launch[] {
    return launchesIn(this.tell({ kind: "wanted", workers, fleetSize: workers }));
  }

  accept({ token, count }: Launch): void {
    this.tell({ kind: "answered", token, started: count, failures: [] });
  }

  refuse({ token }: Launch, failure: LaunchFailure = capacityGone): void {
    this.tell({ kind: "answered", token, started: 0, failures: [failure] });
  }
}

function launchesIn(actions: readonly LaunchAction[]): readonly Launch[] {
  return actions.flatMap((action) => (action.kind === "launch" ? [action.launch] : []));
}

function total(launches: readonly Launch[]): number {
  return launches.reduce((sum, { count }) => sum + count, 0);
}

function messages(driver: Driver): readonly string[] {
  return driver.actions.flatMap((action) => (action.kind === "launch" ? [] : [action.message]));
}

const anyStep = fc.record({
  afterMs: fc.integer({ min: 0, max: 3_000 }),
  wanted: fc.integer({ min: 0, max: 500 }),
  answer: fc.constantFrom("accept", "capacity", "throttled", "no reply", "later"),
});

describe("the launch planner", () => {
  it("never launches faster than the token bucket lets through, whatever happens (L1)", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), fc.constantFrom("spot", "on-demand"), (steps, capacity) => {
        const driver = new Driver({ capacity });
        const sent = { spot: 0, "on-demand": 0 };
        for (const { afterMs, wanted, answer } of steps) {
          driver.now += afterMs;
          const launches = driver.want(Math.max(0, wanted - unansweredWorkers(driver.state)));
          for (const launch of launches) {
            expect(launch.count).toBeLessThanOrEqual(10);
            sent[launch.capacity] += launch.count;
            const { token } = launch;
            if (answer === "accept") driver.accept(launch);
            if (answer === "capacity") driver.refuse(launch);
            if (answer === "throttled")
              driver.refuse(launch, { reason: "ThrottlingException", detail: "Rate exceeded" });
            if (answer === "no reply")
              driver.tell({ kind: "refused", token, failure: { reason: "TimeoutError", detail: "" } });
          }
          const allowed = 100 + (driver.now / 1000) * 20;
          expect(sent.spot).toBeLessThanOrEqual(allowed + 1e-6);
          expect(sent["on-demand"]).toBeLessThanOrEqual(allowed + 1e-6);
        }
      }),
    );
  });

  it("sends a burst of ten batches of ten at once, then twenty workers a second", () => {
    const driver = new Driver();
    expect(driver.want(500).map(({ count }) => count)).toEqual(Array.from({ length: 10 }, () => 10));
    driver.now = 1_000;
    expect(total(driver.want(400))).toBe(20);
    driver.now = 1_100;
    expect(driver.want(380)).toEqual([]);
  });

  it("gives every batch a token of its own, the same in a replay", () => {
    const [one, two] = [new Driver().want(35), new Driver().want(35)];
    expect(one).toEqual(two);
    expect(one.map(({ token, count }) => `${token}:${String(count)}`)).toEqual([
      "run-1:10",
      "run-2:10",
      "run-3:10",
      "run-4:5",
    ]);
  });

  it("repeats a request without a reply under its own token, and counts its workers as starting (L2)", () => {
    const driver = new Driver();
    const [launch] = driver.want(5);
    driver.tell({ kind: "refused", token: "run-1", failure: { reason: "TimeoutError", detail: "socket hang up" } });
    expect(unansweredWorkers(driver.state)).toBe(5);
    driver.now = 1_000;
    expect(driver.want(0)).toEqual([launch]);
  });

  it("asks again ever more slowly with a single batch while there is no capacity, and says so once (L3)", () => {
    const driver = new Driver();
    for (const launch of driver.want(50)) driver.refuse(launch);
    const askedAt: number[] = [];
    for (driver.now = 100; driver.now <= 20_000; driver.now += 100) {
      const launches = driver.want(50);
      expect(launches.length).toBeLessThanOrEqual(1);
      if (launches.length > 0) askedAt.push(driver.now);
      launches.forEach((launch) => driver.refuse(launch));
    }
    expect(askedAt).toEqual([1_000, 3_000, 7_000, 12_000, 17_000]);
    expect(messages(driver)).toEqual([
      "Fargate has no capacity for more workers now; the run goes on with those that are there: Capacity is unavailable at this time",
    ]);
  });

  it("goes back to full speed when a batch has been accepted again", () => {
    const driver = new Driver();
    driver.want(10).forEach((launch) => driver.refuse(launch));
    driver.now = 1_000;
    driver.want(50).forEach((launch) => driver.accept(launch));
    expect(total(driver.want(40))).toBe(40);
  });

  it("recognises throttling that comes disguised as an invalid parameter, and does not give up", () => {
    const driver = new Driver();
    driver.want(10);
    const failure = { reason: "InvalidParameterException", detail: "Error retrieving subnets: RequestLimitExceeded" };
    driver.tell({ kind: "refused", token: "run-1", failure });
    expect(messages(driver)[0]).toMatch(/^ECS asks to launch more slowly/u);
    driver.now = 1_000;
    expect(total(driver.want(10))).toBe(10);
  });

  it("gives up at once on an error that will not pass, and names the remedy (L4)", () => {
    const driver = new Driver();
    driver.want(30);
    const failure = { reason: "AccessDeniedException", detail: "not authorized to perform: ecs:RunTask" };
    const actions = driver.tell({ kind: "refused", token: "run-1", failure });
    expect(actions).toMatchObject([{ kind: "give-up", code: "launch_refused" }]);
    expect(messages(driver)[0]).toMatch(/AccessDenied.*allow the driver ecs:RunTask/u);
    driver.now = 60_000;
    expect(driver.want(30)).toEqual([]);
  });

  it("leaves Spot for on-demand after a start-up's time of refusals, asks again, and goes back", () => {
    const driver = new Driver({ capacity: "spot" });
    const used: string[] = [];
    for (; driver.now <= 80_000; driver.now += 1_000) {
      for (const launch of driver.want(10)) {
        used.push(launch.capacity);
        if (launch.capacity === "spot") driver.refuse(launch);
        else driver.accept(launch);
      }
    }
    expect(used.indexOf("on-demand")).toBeGreaterThanOrEqual(3);
    expect(used.slice(used.indexOf("on-demand"))).toContain("spot");
    expect(messages(driver).filter((message) => message.includes("on-demand workers stand in"))).toHaveLength(1);
    driver.now += 15_000;
    const [asking] = driver.want(10);
    expect(asking?.capacity).toBe("spot");
    if (asking !== undefined) driver.accept(asking);
    expect(driver.want(10).map(({ capacity }) => capacity)).toEqual(["spot"]);
  });

  it("never leaves Spot when on-demand may not stand in", () => {
    const driver = new Driver({ capacity: "spot", fallBack: false });
    for (; driver.now <= 120_000; driver.now += 1_000) {
      for (const launch of driver.want(10)) {
        expect(launch.capacity).toBe("spot");
        driver.refuse(launch);
      }
    }
  });

  it("stops launching when the first wave ends before it says hello, with the reason that the fleet gave", () => {
    const driver = new Driver();
    driver.want(10).forEach((launch) => driver.accept(launch));
    const reason = "CannotPullContainerError: image not found";
    const lost = { kind: "lost", joined: false, interrupted: false, capacity: "on-demand", reason } as const;
    const steps = Array.from({ length: 6 }, () => driver.tell(lost));
    expect(steps.flat()).toHaveLength(1);
    expect(steps.flat()[0]).toMatchObject({ kind: "give-up", code: "workers_cannot_start" });
    expect(messages(driver)[0]).toMatch(/no worker could start: CannotPullContainerError: image not found$/u);
  });

  it("stops launching when nobody has said hello for three minutes", () => {
    const driver = new Driver();
    driver.want(10).forEach((launch) => driver.accept(launch));
    driver.now = 180_000;
    expect(driver.tell({ kind: "wanted", workers: 1, fleetSize: 10 })).not.toContainEqual(
      expect.objectContaining({ kind: "give-up" }),
    );
    driver.now = 180_001;
    const [action] = driver.tell({ kind: "wanted", workers: 1, fleetSize: 10 });
    expect(action).toMatchObject({ kind: "give-up", code: "workers_cannot_start" });
  });

  it("replaces lost workers more slowly the more are lost without any progress, and gives up in the end", () => {
    const driver = new Driver();
    driver.want(1).forEach((launch) => driver.accept(launch));
    driver.tell({ kind: "joined" });
    const lost = {
      kind: "lost",
      joined: true,
      interrupted: false,
      capacity: "on-demand",
      reason: "exit code 137",
    } as const;
    driver.tell(lost);
    expect(driver.want(1)).toHaveLength(1);
    driver.tell(lost);
    expect(driver.want(1)).toHaveLength(0);
    driver.now += 2_000;
    expect(driver.want(1)).toHaveLength(1);
    driver.tell({ kind: "progressed" });
    driver.tell(lost);
    expect(driver.want(1)).toHaveLength(1);
    expect([1, 2, 3].flatMap(() => driver.tell(lost))).toMatchObject([
      { kind: "give-up", code: "workers_cannot_start" },
    ]);
    expect(messages(driver)[0]).toMatch(/keep ending before they finish anything: exit code 137$/u);
  });

  it("does not count what Spot takes back as a fault of the workers (I9)", () => {
    const driver = new Driver({ capacity: "spot" });
    driver.want(5).forEach((launch) => driver.accept(launch));
    driver.tell({ kind: "joined" });
    const lost = {
      kind: "lost",
      joined: true,
      interrupted: true,
      capacity: "spot",
      reason: "SpotInterruption",
    } as const;
    for (let i = 0; i < 100; i += 1) expect(driver.tell(lost)).toEqual([]);
    expect(driver.want(5)).toHaveLength(1);
  });
});
