/** Runs: what calls see of theirs, how they are cancelled, and what is left when they have ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { Call, RunEvent } from "../../../src/index.ts";
import * as calls from "../../e2e/flows/context.ts";
import { describeOnEach, executorKinds } from "./each-executor.ts";
import { speaking, spinning, waiting, whereabouts, wide } from "./flows.ts";

const directory = mkdtempSync(join(tmpdir(), "cloudburst-contract-"));
afterAll(() => rmSync(directory, { recursive: true }));

describe("a run", () => {
  describeOnEach((executor, { name }) => {
    it("tells its calls what they may know", async () => {
      const options = { parameters: { n: 7 }, context: { own: { at: new Date(5) }, date: "2024-03-01" } };
      const state = await calls.looking.run({ ...options, executor });
      expect(state.result.plain).toEqual([undefined, "look-once"]);
      expect(state.result.children[1]).toEqual({
        x: 6,
        fullName: "look[1]",
        slug: "look-1",
        mapIndex: 1,
        runCount: 1,
        flowName: "looking",
        runId: state.runId,
        parameters: { n: 7 },
        own: { at: new Date(5) },
        today: "2024-03-01",
        aborted: false,
      });
    });

    it("brings the lines of its calls home, with the task's full name, prints included", async () => {
      const told: unknown[] = [];
      const onEvent = (event: RunEvent): void => {
        if (event.type === "log") told.push([event.level, event.task, event.line]);
      };
      await speaking.run({ executor, onEvent });
      expect(told).toEqual([
        ["info", "speak[0]", "x is 1"],
        ["info", "speak[0]", "printed"],
      ]);
    });

    it("follows another on the same executor, and goes beside another", async () => {
      const totalOf = async (n: number): Promise<number> =>
        (await wide.run({ parameters: { n }, executor })).result.total;
      expect(await totalOf(3)).toBe(12);
      expect(await Promise.all([totalOf(20), totalOf(30)])).toEqual([420, 930]);
    });

    it("ends as cancelled when its signal aborts, though a call would take an hour", async () => {
      const marker = join(directory, `waiting on ${name}`);
      const controller = new AbortController();
      const running = waiting(marker).run({ executor, signal: controller.signal });
      await vi.waitFor(() => expect(existsSync(marker)).toBe(true), 20_000);
      controller.abort();
      expect((await running).kind).toBe("Cancelled");
    });
  });
});

describe("a call that never lets go of its thread", () => {
  describeOnEach(
    (executor, { name }) => {
      it("is ended when the run is cancelled", async () => {
        const marker = join(directory, `spinning on ${name}`);
        const controller = new AbortController();
        const running = spinning(marker).run({ executor, signal: controller.signal });
        await vi.waitFor(() => expect(existsSync(marker)).toBe(true), 20_000);
        controller.abort();
        expect((await running).kind).toBe("Cancelled");
      });
    },
    ({ isHere }) => !isHere,
  );
});

describe("calls of a run that was not started", () => {
  describeOnEach(
    (executor) => {
      it("are refused", async () => {
        const task = { name: "t", run: () => 1, definedIn: undefined };
        const step = { task, slug: "t-1", order: 0, inputs: [], wantsLengths: false };
        const run: Call["run"] = () => ({ kind: "success", value: 1 });
        const refusal = "This executor has not been started.";
        await expect(executor.submit({ runId: "r", attempt: 0, step, run })).rejects.toThrow(refusal);
        const batch = { runId: "r", attempt: 0, steps: [step] as const, range: { start: 0, end: 1 }, run };
        await expect(executor.map(batch, () => undefined)).rejects.toThrow(refusal);
      });
    },
    ({ isStarted }) => isStarted,
  );
});

describe("where calls run", () => {
  describeOnEach((executor, { isHere, hasProcesses }) => {
    it("is where the executor says, and gone with the run", async () => {
      const { pid, threadId } = (await whereabouts.run({ executor })).result;
      expect([pid === process.pid, threadId === 0]).toEqual([!hasProcesses, isHere]);
      if (hasProcesses) await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), 10_000);
    });
  });
});

const script = fileURLToPath(new URL("leaves-nothing.ts", import.meta.url));

describe("a program that has run flows, one of them cancelled in the middle of a call", () => {
  it.each(Object.keys(executorKinds))("ends by itself, and leaves no file behind: %s", async (kind) => {
    const temporary = join(directory, `temporary ${kind}`);
    mkdirSync(temporary);
    const { code, said } = await ended(runScript(kind, temporary, join(temporary, "marker")));
    expect({ code, said }).toEqual({ code: 0, said: "Success Cancelled" });
    expect(leftIn(temporary)).toEqual([]);
  });
});

describe("a program that is killed in the middle of a call", () => {
  it.each(["threads", "workers"])("leaves no file behind that the next one does not remove: %s", async (kind) => {
    const temporary = join(directory, `killed ${kind}`);
    mkdirSync(temporary);
    const marker = join(temporary, "marker");
    const killed = runScript(kind, temporary, marker, "stay");
    await vi.waitFor(() => expect(existsSync(marker)).toBe(true), 20_000);
    expect(leftIn(temporary)).not.toEqual([]);
    killed.kill("SIGKILL");
    await ended(killed);
    rmSync(marker);
    await ended(runScript(kind, temporary, marker));
    await vi.waitFor(() => expect(leftIn(temporary)).toEqual([]), 20_000); // workers of the first may take a moment
  });
});

function leftIn(temporary: string): readonly string[] {
  return readdirSync(temporary).filter((name) => name.startsWith("cloudburst-"));
}

function runScript(kind: string, temporary: string, ...args: readonly string[]): ChildProcess {
  const env = { ...process.env, TMPDIR: temporary };
  return spawn(process.execPath, ["--import", "tsx", script, kind, ...args], { env });
}

async function ended(child: ChildProcess): Promise<{ readonly code: unknown; readonly said: string }> {
  let said = "";
  child.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise((resolve) => child.on("close", resolve));
  return { code, said: said.trim() };
}
