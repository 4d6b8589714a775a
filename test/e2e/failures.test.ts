import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FargateExecutor } from "../../src/index.ts";
import {
  exiting,
  killedOnce,
  partial,
  plainFailure,
  poison,
  unsendableConstant,
  unsendableElement,
  unsendableResult,
  waiting,
} from "./flows/failures.ts";
import { makeFlow } from "./flows/inside-function.ts";
import { throwing } from "./flows/throws-on-load.ts";

const executor = new FargateExecutor({ clusterKwargs: { nWorkers: 2, threadsPerWorker: 1 } });
const directory = mkdtempSync(join(tmpdir(), "cloudburst-e2e-"));
/** A failed call stands in the list as its error, whatever the list's type says. */
const messageOf = (element: unknown): string =>
  element instanceof Error ? element.message : `no error: ${String(element)}`;
afterAll(() => rmSync(directory, { recursive: true }));

describe("a call that fails on a worker", () => {
  it("fails alone, and its error comes back with name, properties and the line of the user's TypeScript", async () => {
    const state = await plainFailure.run({ executor });
    expect(state.kind).toBe("Failed");
    expect(state.error).toMatchObject({ name: "LimitError", message: "too much: 5", limit: 3 });
    expect(state.error?.stack).toMatch(/flows\/failures\.ts:11:/);
  });

  it("leaves its siblings alone; the reduced list holds the errors", async () => {
    const state = await partial.run({ executor });
    expect(state.result).toEqual([
      2,
      4,
      expect.stringContaining("TriggerFailed"),
      expect.stringContaining("TriggerFailed"),
    ]);
  });

  it("fails with the task and the path when its result cannot travel", async () => {
    const state = await unsendableResult.run({ executor });
    const [first, second, third] = state.result;
    expect([first, third]).toEqual([0, 2]);
    expect(messageOf(second)).toContain(
      "the result of task unsendable[1] cannot travel between driver and worker: `callback` in it is a function",
    );
  });

  it("fails alone when its argument cannot travel", async () => {
    const state = await unsendableElement.run({ executor });
    const [first, second, third] = state.result;
    expect([first, third]).toEqual([2, 6]);
    expect(messageOf(second)).toContain("element 1 of argument 0 of task double cannot travel");
  });

  it("fails with its siblings when an argument that they share cannot travel", async () => {
    const state = await unsendableConstant.run({ executor });
    expect(state.kind).toBe("Failed");
    expect(state.error?.message).toContain("argument 1 of task exit-on cannot travel");
  });

  it("fails alone when it ends its thread", async () => {
    const state = await exiting.run({ executor });
    const [zero, one, two, three] = state.result;
    expect([zero, one, three]).toEqual([0, 1, 3]);
    expect(messageOf(two)).toContain("task exit-on[2] ended its thread");
  });
});

describe("a worker that is killed", () => {
  it("loses no result: its chunk is delivered again", async () => {
    const state = await killedOnce(join(directory, "killed")).run({ executor });
    expect(state.result).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(state.report?.workers).toBe(3); // one was replaced
  }, 60_000);

  it("again and again by the same call fails that call alone", async () => {
    const state = await poison.run({ executor });
    const [zero, one, two, three] = state.result;
    expect([zero, one, three]).toEqual([0, 1, 3]);
    expect(messageOf(two)).toContain("the worker was lost 2 times while it ran task kill-on[2]");
  }, 120_000);
});

describe("a run that cannot be", () => {
  it("refuses wrong options before anything is started", () => {
    expect(() => new FargateExecutor({ clusterKwargs: { nWorkers: 0 } })).toThrow(/LocalCluster: `nWorkers`.*got 0/);
    expect(() => new FargateExecutor({ clusterKwargs: { threadsPerWorker: 1.5 } })).toThrow(/threadsPerWorker/);
    const unknown = { workers: 3 } as object;
    expect(() => new FargateExecutor(unknown)).toThrow(/unknown option `workers`/);
  });

  it("says that the port is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const taken = new FargateExecutor({ clusterKwargs: { port } });
    await expect(plainFailure.run({ executor: taken })).rejects.toThrow(new RegExp(`port ${String(port)}`));
    server.close();
  });

  it("names the task that is not defined at a module's top level", async () => {
    const state = await makeFlow().run({ executor });
    expect(state.kind).toBe("Failed");
    expect(state.error?.message).toContain('task "hidden" is not defined when its module is loaded on a worker');
  });

  it("tells why a bundle does not load", async () => {
    const state = await throwing.run({ executor });
    expect(state.kind).toBe("Failed");
    expect(state.error?.message).toContain("no licence for this machine");
  });

  it("ends as cancelled within moments when its signal aborts, and leaves nothing running", async () => {
    const controller = new AbortController();
    const running = waiting.run({
      executor,
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === "executor" && event.event.kind === "worker-joined") controller.abort();
      },
    });
    const state = await running;
    expect(state.kind).toBe("Cancelled");
    expect(state.elapsedMs).toBeLessThan(8_000);
  });
});
