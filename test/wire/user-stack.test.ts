import { expect, it } from "vitest";
import { userStack } from "../../src/wire/user-stack.ts";

const own = ["file:///opt/worker.mjs", "/opt/worker.mjs"];

it("leaves the user's lines, and Node's between them", () => {
  const stack = [
    "TypeError: no\n    at the second line of the message",
    "    at parse (/home/me/flow.ts:3:9)",
    "    at Array.map (<anonymous>)",
    "    at node:internal/process/task_queues:95:5",
    "    at body (/home/me/flow.ts:7:2)",
    "    at AsyncLocalStorage.run (node:async_hooks:346:14)",
    "    at #turn (file:///opt/worker.mjs:126:9906)",
    "    at run (/opt/worker.mjs:126:22326)",
  ];
  expect(userStack(stack.join("\n"), own)).toBe(stack.slice(0, 5).join("\n"));
});

it("leaves a stack alone that has no frame of the worker", () => {
  const stack = "Error: x\n    at body (/home/me/flow.ts:7:2)\n    at AsyncLocalStorage.run (node:async_hooks:346:14)";
  expect(userStack(stack, own)).toBe(stack);
});

it("leaves the message where all frames are the worker's", () => {
  expect(userStack("TimeoutError: late\n    at run (file:///opt/worker.mjs:1:1)", own)).toBe("TimeoutError: late");
});
