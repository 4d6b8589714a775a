import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createTaskProtection, type TaskProtection } from "../../src/worker/task-protection.ts";
import { until } from "../embedded/until.ts";
import { FakeClock } from "../observe/fake-clock.ts";

const minutes = 60_000;

let agent: Server;
let asked: unknown[];
let answer: { status: number; body: object };
let clock: FakeClock;
let logged: string[];
let protection: TaskProtection;

beforeEach(async () => {
  asked = [];
  logged = [];
  answer = { status: 200, body: { protection: { ProtectionEnabled: true } } };
  clock = new FakeClock();
  agent = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push([request.method, request.url, JSON.parse(body)]);
      response.writeHead(answer.status).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => agent.listen(0, "127.0.0.1", resolve));
  const { port } = agent.address() as AddressInfo;
  const agentUri = `http://127.0.0.1:${String(port)}/api/token`;
  protection = createTaskProtection({ agentUri, clock, log: (message) => logged.push(message) });
});
afterEach(async () => {
  await protection[Symbol.asyncDispose]();
  agent.close();
  expect(clock.sleeping).toBe(0);
});

const path = "/api/token/task-protection/v1/state";
const on = ["PUT", path, { ProtectionEnabled: true, ExpiresInMinutes: 60 }];
const off = ["PUT", path, { ProtectionEnabled: false }];

/** The agent has been asked so often, and the protection waits for what comes. */
async function untilItHolds(times: number): Promise<void> {
  await until(`the agent was asked ${String(times)} times`, () => asked.length === times && clock.sleeping === 1);
}

it("protects the task from the first chunk on, and no longer when it has been idle for a while", async () => {
  protection.busy();
  await untilItHolds(1);
  protection.idle();
  await clock.advance(14_000);
  expect(asked).toEqual([on]);
  await clock.advance(1_000);
  await until("the agent was asked again", () => asked.length === 2);
  expect(asked).toEqual([on, off]);
});

it("asks once for chunks that follow each other", async () => {
  for (let chunk = 0; chunk < 20; chunk += 1) {
    protection.busy();
    await untilItHolds(1);
    protection.idle();
    await clock.advance(1_000);
  }
  expect(asked).toEqual([on]);
});

it("renews the protection of a task that stays busy, well before it expires", async () => {
  protection.busy();
  await untilItHolds(1);
  await clock.advance(30 * minutes);
  await untilItHolds(2);
  expect(asked).toEqual([on, on]);
});

it("tells a failure, works on, and tries again", async () => {
  answer = { status: 200, body: { failure: { Reason: "TASK_NOT_VALID" } } };
  protection.busy();
  await until("the failure is told", () => logged.length === 1 && clock.sleeping === 1);
  answer = { status: 200, body: {} };
  await clock.advance(1 * minutes);
  await until("it was asked again", () => asked.length === 2);
  expect(logged).toEqual(["protection from scale-in failed"]);
});

it("asks nobody where there is no agent", async () => {
  const none = createTaskProtection({ agentUri: undefined, clock, log: (message) => logged.push(message) });
  none.busy();
  none.idle();
  await none[Symbol.asyncDispose]();
  expect([asked, logged]).toEqual([[], []]);
});
