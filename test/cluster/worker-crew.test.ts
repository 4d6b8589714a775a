import { beforeEach, describe, expect, it } from "vitest";
import { WorkerCrew } from "../../src/cluster/worker-crew.ts";
import { FakeClock } from "../observe/fake-clock.ts";

interface Launched {
  readonly name: string;
  readonly signals: string[];
  end(exitCode: number): void;
}

let clock: FakeClock;
let launched: Launched[];
let said: string[];
let refusals: number;
beforeEach(() => {
  clock = new FakeClock();
  launched = [];
  said = [];
  refusals = 0;
});

/** `loyal` workers end by SIGTERM, the others by SIGKILL only. */
function openCrew(size: number, loyal = true): WorkerCrew {
  const launch = async (name: string) => {
    if (refusals-- > 0) throw new Error("no memory");
    let end: Launched["end"] = () => undefined;
    const exited = new Promise<{ exitCode: number; reason: string | undefined }>((resolve) => {
      end = (exitCode) => resolve({ exitCode, reason: undefined });
    });
    const signals: string[] = [];
    launched.push({ name, signals, end: (exitCode) => end(exitCode) });
    const kill = (signal: "SIGTERM" | "SIGKILL"): void => {
      signals.push(signal);
      if (signal === "SIGKILL" || loyal) end(signal === "SIGKILL" ? 137 : 0);
    };
    return await Promise.resolve({ exited, kill });
  };
  return new WorkerCrew({ size, launch, clock, random: () => 1, log: (line) => said.push(line) });
}

describe("a scheduler's own workers", () => {
  it("are as many as it should have, and all are told to go at its end", async () => {
    const crew = openCrew(3);
    await clock.advance(0);
    expect(launched.map(({ name }) => name)).toEqual(["local-1", "local-2", "local-3"]);
    await crew.stop(120_000);
    expect(launched.map(({ signals }) => signals)).toEqual([["SIGTERM"], ["SIGTERM"], ["SIGTERM"]]);
    expect([said, clock.sleeping]).toEqual([[], 0]);
  });

  it("are replaced when they are killed, ever more slowly while they do not last", async () => {
    const crew = openCrew(1);
    for (const pauseMs of [1_000, 2_000, 4_000]) {
      const before = launched.length;
      await clock.advance(0);
      launched.at(-1)?.end(137);
      await clock.advance(0);
      await clock.advance(pauseMs - 1);
      expect(launched).toHaveLength(Math.max(before, 1));
      await clock.advance(1);
      expect(launched).toHaveLength(Math.max(before, 1) + 1);
    }
    await clock.advance(30_000);
    launched.at(-1)?.end(137);
    await clock.advance(0);
    await clock.advance(1_000);
    expect(launched).toHaveLength(5);
    expect(said).toEqual(Array(4).fill("worker local-1 ended with exit code 137; another one takes its place"));
    await crew.stop(120_000);
  });

  it("that cannot be started are tried again", async () => {
    refusals = 1;
    const crew = openCrew(1);
    await clock.advance(0);
    expect(said).toEqual(["worker local-1 could not be started: no memory; another one takes its place"]);
    await clock.advance(1_000);
    expect(launched).toHaveLength(1);
    await crew.stop(120_000);
  });

  it("that do not leave in time are killed", async () => {
    const crew = openCrew(1, false);
    await clock.advance(0);
    const stopping = crew.stop(120_000);
    await clock.advance(119_999);
    expect(launched[0]?.signals).toEqual(["SIGTERM"]);
    await clock.advance(1);
    await stopping;
    expect(launched[0]?.signals).toEqual(["SIGTERM", "SIGKILL"]);
  });
});
