import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import type { ClusterReport } from "../../src/executors/executor.ts";
import type { RunEvent } from "../../src/flow/run-event.ts";
import { createProgress, type Progress } from "../../src/observe/progress.ts";
import { FakeClock } from "./fake-clock.ts";

const CLEAR_LINE = "\r\u001b[2K";
const NO_REPORT: ClusterReport | undefined = undefined;

function started(flowName = "remotest"): RunEvent {
  return { type: "run-started", runId: "r1", flowName, executor: "FargateExecutor" };
}

function planned(calls: number): RunEvent {
  return { type: "calls-planned", slug: "tile-1", calls };
}

function settled(successful: number, failed = 0): RunEvent {
  return { type: "calls-settled", slug: "tile-1", successful, failed };
}

function finished(kind: "Success" | "Failed", elapsedMs: number): RunEvent {
  return { type: "run-finished", kind, message: "", elapsedMs, report: NO_REPORT };
}

interface Watched {
  readonly progress: Progress;
  readonly clock: FakeClock;
  readonly written: string[];
  /** What was written since the last look, without colours. */
  readonly news: () => string;
}

function watch(options: { readonly isTTY: boolean; readonly columns?: number }): Watched {
  const written: string[] = [];
  const clock = new FakeClock();
  const stream = { ...options, write: (text: string) => written.push(text) };
  let seen = 0;
  const news = (): string => {
    const text = written.slice(seen).join("");
    seen = written.length;
    return stripVTControlCharacters(text);
  };
  return { progress: createProgress({ stream, clock }), clock, written, news };
}

test("a line of the log stands above the live line", () => {
  const { progress, news } = watch({ isTTY: true });
  progress.onEvent(started());
  progress.onEvent({ type: "log", level: "info", task: "tile[2]", line: "hello", at: new Date(0) });
  expect(news()).toContain("[1970-01-01 00:00:00.000Z] INFO - tile[2] | hello\n");
  progress.stop();
});

test("elsewhere than on a terminal a plain line comes now and then", async () => {
  const { progress, clock, written, news } = watch({ isTTY: false });
  progress.onEvent(started());
  progress.onEvent(planned(400));
  progress.onEvent(settled(30));
  expect(news()).toBe("");
  await clock.advance(3000);
  expect(news()).toBe("remotest  30/400 calls   7 %  10.0/s  37.0 s to go\n");
  expect(written.join("")).not.toContain("\u001b");
});

test("before anything is known to be run, the run is starting", async () => {
  const { progress, clock, news } = watch({ isTTY: false });
  progress.onEvent(started());
  await clock.advance(3000);
  expect(news()).toBe("remotest  starting\n");
  progress.stop();
});

test("the first calls say nothing of how long the rest takes", async () => {
  const { progress, clock, news } = watch({ isTTY: false });
  progress.onEvent(started());
  progress.onEvent(planned(1000));
  progress.onEvent(settled(1));
  await clock.advance(3000);
  expect(news()).toMatch(/^remotest {2}1\/1,000 calls {3}0 % {2}0\.33\/s\n$/);
  progress.onEvent(settled(4));
  await clock.advance(3000);
  expect(news()).toContain(" to go");
  progress.stop();
});

test("a plain line that says nothing new is not repeated", async () => {
  const { progress, clock, news } = watch({ isTTY: false });
  progress.onEvent(started());
  progress.onEvent(planned(4));
  await clock.advance(3000);
  expect(news()).toBe("remotest  0/4 calls   0 %\n");
  await clock.advance(3000);
  expect(news()).toBe("");
});

test("on a terminal one line is written over and over, with a bar, and is gone at the end", async () => {
  const { progress, clock, written, news } = watch({ isTTY: true });
  progress.onEvent(started());
  progress.onEvent(planned(8));
  await clock.advance(100);
  progress.onEvent(settled(2));
  await clock.advance(100);
  const live = written.slice();
  expect(live.every((text) => text.startsWith(CLEAR_LINE) && !text.includes("\n"))).toBe(true);
  expect(news()).toContain("━  remotest  2/8 calls  25 %  10.0/s  600 ms to go");
  progress.onEvent(settled(6));
  progress.onEvent(finished("Success", 12_345));
  expect(written[live.length]).toBe(CLEAR_LINE);
  expect(news()).toBe("\r✔ remotest  Success: 8 calls in 12.3 s\n");
});

test("a line that would wrap is cut one short of the terminal's width", async () => {
  const { progress, clock, news } = watch({ isTTY: true, columns: 40 });
  progress.onEvent(started("a-flow-with-quite-a-long-name"));
  await clock.advance(100);
  expect(news().replace("\r", "")).toHaveLength(39);
});

test("failed calls and workers are shown, and a lost worker is gone", async () => {
  const { progress, clock, news } = watch({ isTTY: false });
  progress.onEvent(started());
  progress.onEvent(planned(10));
  progress.onEvent({ type: "executor", event: { kind: "worker-joined", workerId: "a", workers: 1, startupMs: 200 } });
  progress.onEvent({ type: "executor", event: { kind: "worker-joined", workerId: "b", workers: 2, startupMs: 200 } });
  progress.onEvent(settled(3, 2));
  await clock.advance(3000);
  expect(news()).toContain("  2 workers  2 failed\n");
  progress.onEvent({ type: "executor", event: { kind: "worker-lost", workerId: "a", reason: "killed" } });
  await clock.advance(3000);
  expect(news()).toContain("  1 worker  2 failed\n");
  progress.onEvent(finished("Failed", 6000));
  expect(news()).toBe("✘ remotest  Failed: 5 calls in 6.0 s, 2 failed\n");
});

test("the rate forgets what is longer ago than its window", async () => {
  const { progress, clock, news } = watch({ isTTY: false });
  progress.onEvent(started());
  progress.onEvent(planned(1_000_000));
  for (let i = 0; i < 10; i++) {
    progress.onEvent(settled(i < 5 ? 3 : 3000));
    await clock.advance(3000);
  }
  expect(news().trimEnd().split("\n").at(-1)).toContain("  1,000/s  ");
});

test("a warning of the executor stands on a line of its own at once", () => {
  const { progress, news } = watch({ isTTY: true });
  progress.onEvent(started());
  progress.onEvent({ type: "executor", event: { kind: "warning", message: "quota reached" } });
  expect(news()).toBe("warning: quota reached\n");
});

test("what the executor started stands on a line of its own", () => {
  const { progress, news } = watch({ isTTY: false });
  progress.onEvent(started());
  const event = { kind: "cluster-started", description: "cloud at http://127.0.0.1:1", workers: 2, slots: 8 } as const;
  progress.onEvent({ type: "executor", event });
  expect(news()).toBe("cloud at http://127.0.0.1:1: 2 workers, 8 slots\n");
});

test("calls that never let a timer fire are shown all the same, as they settle", () => {
  const { progress, clock, news } = watch({ isTTY: false });
  progress.onEvent(started());
  progress.onEvent(planned(100));
  void clock.advance(2999);
  progress.onEvent(settled(50));
  expect(news()).toBe("");
  void clock.advance(1);
  progress.onEvent(settled(10));
  progress.onEvent(settled(10));
  expect(news()).toBe("remotest  60/100 calls  60 %  20.0/s  2.0 s to go\n");
  progress.stop();
});

test("nothing waits any more once it is stopped or the run has ended", async () => {
  const { progress, clock, news } = watch({ isTTY: true });
  progress.onEvent(started());
  expect(clock.sleeping).toBe(1);
  progress.stop();
  expect(clock.sleeping).toBe(0);
  progress.onEvent(started());
  progress.onEvent(finished("Success", 10));
  expect(clock.sleeping).toBe(0);
  news();
  await clock.advance(10_000);
  expect(news()).toBe("");
});

test("a second run begins its counts at zero", () => {
  const { progress } = watch({ isTTY: false });
  progress.onEvent(started());
  progress.onEvent(planned(5));
  progress.onEvent(settled(4, 1));
  expect(progress.tally()).toMatchObject({ planned: 5, successful: 4, failed: 1 });
  progress.onEvent(finished("Failed", 10));
  progress.onEvent(started("again"));
  expect(progress.tally()).toMatchObject({ flowName: "again", planned: 0, successful: 0, failed: 0 });
  progress.stop();
});

test("calls that wait for their next attempt, or for somebody's word, are told", async () => {
  const { progress, clock, news } = watch({ isTTY: false });
  progress.onEvent(started());
  progress.onEvent(planned(10));
  const at = new Date(clock.now() + 5_000);
  progress.onEvent({ type: "calls-retrying", slug: "tile-1", calls: 3, message: "Retrying Task", at });
  progress.onEvent({ type: "task-paused", slug: "tile-1", mapIndex: 4, message: "may I?" });
  progress.onEvent({ type: "task-paused", slug: "tile-1", mapIndex: 5, message: "may I?" });
  expect(news()).toBe("paused: tile-1[4]: may I?\n");
  await clock.advance(3000);
  expect(news()).toBe("remotest  0/10 calls   0 %  3 to be retried  2 paused\n");
  progress.onEvent({ type: "task-resumed", slug: "tile-1", mapIndex: 4 });
  await clock.advance(3000);
  expect(news()).toBe("remotest  0/10 calls   0 %  1 paused\n");
  progress.stop();
});
