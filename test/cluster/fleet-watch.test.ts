/** How the driver keeps its fleet: the launch planner, wired to a fleet that does what a test says. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Fleet, Launch, LaunchReply, WorkerTask } from "../../src/cluster/fleet.ts";
import type { ExecutorEvent } from "../../src/executors/executor.ts";
import { resolveFleetScaling } from "../../src/executors/fleet-scaling.ts";
import { FleetWatch } from "../../src/executors/fleet-watch.ts";
import { nothingKnown } from "../../src/executors/past-runs.ts";
import type { Backlog } from "../../src/executors/workforce.ts";
import { noWorkload } from "../../src/executors/workload.ts";
import { FakeClock } from "../observe/fake-clock.ts";

/** A fleet that starts everything, unless told otherwise. */
class FakeFleet implements Fleet {
  prefers: Fleet["prefers"] = "on-demand";
  fallsBack = true;
  readonly launches: Launch[] = [];
  readonly stopped: string[] = [];
  readonly states = new Map<string, Partial<WorkerTask>>();
  answer: (launch: Launch) => LaunchReply | Promise<LaunchReply> = (launch) => this.start(launch.count);
  failLooks = 0;
  #ids = 0;

  start(count: number, ...reasons: readonly string[]): LaunchReply {
    const ids = Array.from({ length: count }, () => `worker-${String((this.#ids += 1))}`);
    return { kind: "answered", ids, failures: reasons.map((reason) => ({ reason, detail: undefined })) };
  }

  async launch(launch: Launch): Promise<LaunchReply> {
    this.launches.push(launch);
    return await this.answer(launch);
  }

  async observe(ids: readonly string[]): Promise<readonly WorkerTask[]> {
    if (this.failLooks-- > 0) throw new Error("ThrottlingException: Rate exceeded");
    return ids.map((id) => ({ id, status: "running", reason: undefined, interrupted: false, ...this.states.get(id) }));
  }

  explain(reason: string, hadStarted: boolean): string {
    return hadStarted ? reason : `${reason} (remedy)`;
  }

  async stop(ids: readonly string[]): Promise<void> {
    this.stopped.push(...ids);
  }
}

const watchMs = 5_000;
let fleet: FakeFleet;
let clock: FakeClock;
let events: ExecutorEvent[];

beforeEach(() => {
  fleet = new FakeFleet();
  clock = new FakeClock();
  events = [];
});

function watchOver(workers: number): FleetWatch {
  const scaling = resolveFleetScaling({ workers, slotsPerWorker: 1, watchMs }, undefined);
  return new FleetWatch({
    launchName: "run",
    fleet,
    scaling,
    remembered: nothingKnown,
    planned: () => undefined,
    watchMs,
    clock,
    emit: (event) => void events.push(event),
  });
}

const backlog: Omit<Backlog, "tasks"> = { outstanding: () => 0, workload: () => noWorkload, dismiss: () => undefined };

/** Starts the watch; what it ends with is kept. */
async function watched(workers: number) {
  const watch = watchOver(workers);
  await watch.start();
  let end: unknown = "watching";
  const watching = watch.watch(backlog).then(
    () => (end = "stopped"),
    (error: unknown) => (end = error),
  );
  return { watch, watching, end: () => end };
}

async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round += 1) await clock.advance(watchMs);
}

function warnings(): readonly string[] {
  return events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
}

function launched(): readonly number[] {
  return fleet.launches.map(({ count }) => count);
}

const noCapacity = "Capacity is unavailable at this time. Please try again later";
const vcpuLimit = "You've reached the limit on the number of vCPUs you can run concurrently";

describe("the first workers", () => {
  it("are requested ten at a time, each batch under a token of its own that follows from the run's id", async () => {
    await watchOver(25).start();
    expect(fleet.launches.map(({ count, token }) => [count, token])).toEqual([
      [10, "run-1"],
      [10, "run-2"],
      [5, "run-3"],
    ]);
  });

  it("beyond a hundred follow at the rate at which an account may launch", async () => {
    const { end } = await watched(250);
    expect(launched()).toHaveLength(10);
    await rounds(1);
    expect(launched()).toHaveLength(20); // 20 a second
    await rounds(1);
    expect(launched().reduce((sum, count) => sum + count, 0)).toBe(250);
    expect(end()).toBe("watching");
  });

  it("that will never be granted end the start with ECS's reason and the remedy", async () => {
    fleet.answer = () => ({
      kind: "refused",
      failure: { reason: "AccessDeniedException", detail: "not authorized to perform: ecs:RunTask" },
    });
    await expect(watchOver(2).start()).rejects.toMatchObject({
      code: "launch_refused",
      message: expect.stringMatching(/AccessDeniedException: not authorized.*\(allow the driver ecs:RunTask/) as string,
    });
    expect(launched()).toEqual([2]);
  });

  it("that all end before they say hello end the run with the reason, told with what helps", async () => {
    const { watching, end } = await watched(2);
    for (const id of ["worker-1", "worker-2"])
      fleet.states.set(id, { status: "stopped", reason: "CannotPullContainerError" });
    await rounds(1);
    await watching;
    expect(end()).toMatchObject({
      code: "workers_cannot_start",
      message: "no worker could start: CannotPullContainerError (remedy)",
    });
    expect(launched()).toEqual([2]);
  });
});

describe("a shortfall", () => {
  it("is asked for again, slowly, and told once", async () => {
    fleet.answer = ({ count }) => fleet.start(Math.min(count, 1), ...(count > 1 ? [vcpuLimit] : []));
    await watched(4);
    expect(warnings()).toEqual([expect.stringContaining(`the account's vCPU quota is reached; the run goes on`)]);
    await rounds(2);
    expect(launched()).toEqual([4]); // a quota is not asked for every five seconds
    await rounds(2);
    expect(launched()).toEqual([4, 3]);
    await rounds(12);
    expect(launched().length).toBeGreaterThan(2);
    expect(warnings()).toHaveLength(1);
  });

  it("of everything is no end either: the run waits for capacity", async () => {
    fleet.answer = () => fleet.start(0, noCapacity);
    const { watch, end } = await watched(2);
    await rounds(20);
    fleet.answer = ({ count }) => fleet.start(count);
    await rounds(3);
    expect([watch.alive, end()]).toEqual([["worker-1", "worker-2"], "watching"]);
  });

  it("through a lost reply is asked for under the same token, so that nothing is started twice", async () => {
    fleet.answer = () => ({ kind: "refused", failure: { reason: "TimeoutError", detail: "socket hang up" } });
    await watched(3);
    fleet.answer = ({ count }) => fleet.start(count);
    await rounds(2);
    expect(fleet.launches.map(({ token }) => token)).toEqual(["run-1", "run-1"]);
  });
});

describe("workers on Spot", () => {
  beforeEach(() => {
    fleet.prefers = "spot";
    fleet.answer = ({ count, capacity }) => (capacity === "spot" ? fleet.start(0, noCapacity) : fleet.start(count));
  });

  it("give way to on-demand when Spot has had no capacity for a while, which is told", async () => {
    const { watch } = await watched(3);
    expect(fleet.launches.at(-1)?.capacity).toBe("spot");
    await rounds(12);
    expect(fleet.launches.at(-1)?.capacity).toBe("on-demand");
    expect(watch.alive).toHaveLength(3);
    expect(
      warnings().filter((message) => message.includes("Spot has no capacity, on-demand workers stand in")),
    ).toHaveLength(1);
  });

  it("wait for Spot where nothing may stand in", async () => {
    fleet.fallsBack = false;
    const { watch } = await watched(3);
    await rounds(30);
    expect(new Set(fleet.launches.map(({ capacity }) => capacity))).toEqual(new Set(["spot"]));
    expect(watch.alive).toEqual([]);
  });

  it("that Spot takes back are replaced, however often, as long as something is done in between", async () => {
    fleet.answer = ({ count }) => fleet.start(count);
    const { watch, end } = await watched(1);
    for (let loss = 1; loss <= 12; loss += 1) {
      watch.joined(`worker-${String(loss)}`);
      watch.progressed(`worker-${String(loss)}`);
      fleet.states.set(`worker-${String(loss)}`, { status: "stopped", reason: "Spot", interrupted: true });
      await rounds(2);
    }
    expect([watch.alive, end()]).toEqual([["worker-13"], "watching"]);
  });
});

describe("a worker that is lost", () => {
  it("is replaced at the next look, and told without advice for starting", async () => {
    const { watch } = await watched(2);
    watch.joined("worker-1");
    fleet.states.set("worker-1", { status: "stopped", reason: "exit code 137" });
    await rounds(1);
    expect(events).toContainEqual({ kind: "worker-lost", workerId: "worker-1", reason: "exit code 137" });
    expect(watch.alive).toEqual(["worker-2", "worker-3"]);
    expect(watch.lastLoss).toBe("exit code 137");
  });

  it("by saying bye is replaced as well", async () => {
    const { watch } = await watched(2);
    watch.joined("worker-2");
    watch.left("worker-2");
    await rounds(1);
    expect(watch.alive).toEqual(["worker-1", "worker-3"]);
  });

  it("again and again ends the run, when nothing is ever finished", async () => {
    const { watch, watching, end } = await watched(1);
    for (let loss = 1; loss <= 5; loss += 1) {
      const id = watch.alive[0];
      if (id === undefined) break;
      watch.joined(id);
      fleet.states.set(id, { status: "stopped", reason: "exit code 1" });
      await rounds(20);
    }
    await watching;
    expect(end()).toMatchObject({ message: "workers keep ending before they finish anything: exit code 1" });
  });

  it("is not one that ECS does not know yet", async () => {
    const { watch } = await watched(1);
    fleet.states.set("worker-1", { status: "unknown" });
    await rounds(3);
    expect(watch.alive).toEqual(["worker-1"]);
  });
});

describe("the watch", () => {
  it("bears looks that fail, but not for ever", async () => {
    const { watching, end } = await watched(1);
    fleet.failLooks = 4;
    await rounds(5);
    expect(end()).toBe("watching");
    fleet.failLooks = 5;
    await rounds(5);
    await watching;
    expect(end()).toMatchObject({ code: "fleet_unseen", message: expect.stringContaining("Rate exceeded") as string });
  });

  it("stops those as well whose request is under way, and requests no more", async () => {
    let reply: (reply: LaunchReply) => void = () => undefined;
    const { watch, watching, end } = await watched(1);
    fleet.answer = () => new Promise((resolve) => (reply = resolve));
    watch.joined("worker-1");
    fleet.states.set("worker-1", { status: "stopped", reason: "gone" });
    await rounds(1);
    const stopping = watch.stop("the run has ended");
    reply(fleet.start(1));
    await stopping;
    await watching;
    expect([fleet.stopped, end(), launched()]).toEqual([["worker-2"], "stopped", [1, 1]]);
  });
});
