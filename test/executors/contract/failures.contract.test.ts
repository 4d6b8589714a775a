/** Calls that fail: alone, with their error, and within their time. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import * as calls from "../../e2e/flows/context.ts";
import { makeFlow } from "../../e2e/flows/inside-function.ts";
import { throwing } from "../../e2e/flows/throws-on-load.ts";
import { describeOnEach } from "./each-executor.ts";
import { exiting, failing, poison, unsendableConstant, unsendableElement, unsendableResult } from "./flows.ts";

const directory = mkdtempSync(join(tmpdir(), "cloudburst-contract-"));
afterAll(() => rmSync(directory, { recursive: true }));
/** A failed call stands in a list as its error, whatever the list's type says. */
const messageOf = (element: unknown): unknown => (element instanceof Error ? element.message : element);

describe("failures", () => {
  describeOnEach((executor) => {
    it("come back with name, properties, cause and the line of the user's code, and leave siblings alone", async () => {
      const state = await failing.run({ executor });
      expect(state.kind).toBe("Failed");
      expect(state.result.plain).toMatchObject({
        name: "DeepError",
        message: "no 7",
        limit: 3,
        cause: expect.objectContaining({ name: "TypeError", message: "the cause", cause: { plain: 7 } }) as object,
      });
      expect((state.result.plain as unknown as Error).stack).toMatch(/contract\/flows\.ts:24:/);
      expect(state.result.told).toEqual([0, 1, "DeepError: no 2", "DeepError: no 3"]);
      const refused = 'Trigger was "all_successful" but some of the upstream tasks failed.';
      expect(state.result.behind.map(messageOf)).toEqual([0, 2, refused, refused]);
    });

    it("are tried again, each call with a count and a key of its own", async () => {
      const state = await calls.retrying.run({ executor });
      const [first, second] = state.result as [unknown[], unknown[]];
      expect(first).toEqual([1, expect.any(String), 1, "behind-1"]);
      expect(second).toEqual([3, expect.any(String), 1, "behind-1"]);
      expect(first[1]).not.toBe(second[1]);
    });

    it("LOOP turns in the slot, SUCCESS is the value", async () => {
      const state = await calls.signalling.run({ executor });
      const loops = [0, 3, 50_000].map((turns) => [turns, turns + 1]);
      expect(state.result).toEqual({ loops, early: [11, 21] });
    });
  });
});

describe("values that cannot travel", () => {
  describeOnEach(
    (executor) => {
      it("fail the call that returns one, with task and path", async () => {
        const [first, second, third] = (await unsendableResult.run({ executor })).result;
        expect([first, third]).toEqual([0, 2]);
        expect(messageOf(second)).toContain(
          "the result of task callback[1] cannot travel between driver and worker: `nested[0]` in it is a function",
        );
      });

      it("fail the call that needs one, or all that share it", async () => {
        const [first, second, third] = (await unsendableElement.run({ executor })).result;
        expect([first, third]).toEqual([2, 6]);
        expect(messageOf(second)).toContain("element 1 of argument 0 of task double cannot travel");
        const state = await unsendableConstant.run({ executor });
        expect(state.error?.message).toContain("argument 1 of task add cannot travel");
        expect(state.result).toHaveLength(2);
      });

      it("are refused as keys of the context before anything is started, as parameters to who asks", async () => {
        const run = calls.reading.run({ executor, context: { own: () => 1 } });
        await expect(run).rejects.toThrow("context.own cannot travel between driver and worker: it is a function");
        const { result } = await calls.unsendable.run({ executor, parameters: { f: () => 1, n: 3 } });
        expect(result).toEqual([3, expect.objectContaining({ code: "unsendable_value" })]);
      });

      it("so do tasks that are not defined at a module's top level, and modules that do not load", async () => {
        const hidden = await makeFlow().run({ executor });
        expect(hidden.error?.message).toContain('task "hidden" is not defined when its module is loaded on a worker');
        expect((await throwing.run({ executor })).error?.message).toContain("no licence for this machine");
      });
    },
    ({ isHere }) => !isHere,
  );
});

describe("timeouts", () => {
  describeOnEach((executor) => {
    it("end bodies that wait, whether they listen to their signal or not", async () => {
      const state = await calls.unhurried.run({ executor });
      const timedOut = expect.objectContaining({ name: "TimeoutError", code: "timed_out" }) as object;
      expect(state.result).toEqual([timedOut, timedOut]);
    });
  });

  describeOnEach(
    (executor, { name }) => {
      it("end a body that never lets go of its thread, and run no mate again", async () => {
        const file = join(directory, `overdue on ${name}`);
        const state = await calls.overdue(file).run({ executor });
        expect(state.error).toMatchObject({ code: "timed_out", message: "Task timed out during execution." });
        expect(state.result.map(messageOf)).toEqual([0, 1, 2, "Task timed out during execution.", 4, 5]);
        expect(readFileSync(file, "utf8").trim().split("\n").sort()).toEqual(["0", "1", "2", "3", "4", "5"]);
      });
    },
    ({ endsTimedCalls }) => endsTimedCalls,
  );
});

describe("calls that end what they run in", () => {
  describeOnEach(
    (executor) => {
      it("fail alone when it is a thread", async () => {
        const [zero, one, two, three] = (await exiting.run({ executor })).result;
        expect([zero, one, three]).toEqual([0, 1, 3]);
        expect(messageOf(two)).toContain("task exit-on[2] ended its thread: it exited with code 3");
      });
    },
    ({ isHere }) => !isHere,
  );

  // Workers on a cluster take minutes to say so, and lose other chunks on the way: test/e2e/failures.test.ts.
  describeOnEach(
    (executor) => {
      it("fail alone when it is a process", async () => {
        const state = await poison.run({ executor });
        expect(state.result.filter((_, at) => at !== 3)).toEqual([2, 4, 6, 10, 12, 14, 16, 18, 20]);
        expect(state.error?.message).toContain("task kill-on[3] ended its process: it was ended by SIGKILL");
      });
    },
    ({ name }) => name === "ParallelExecutor, processes",
  );
});
