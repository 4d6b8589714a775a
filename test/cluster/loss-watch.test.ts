import { describe, expect, it } from "vitest";
import { CloudburstError } from "../../src/base/errors.ts";
import { parseSchedulerAddress } from "../../src/cluster/address.ts";
import { LossWatch } from "../../src/cluster/loss-watch.ts";
import { goneWith } from "../../src/cluster/scheduler-trouble.ts";
import { QueueDoesNotExist, QueueError } from "../../src/queue/queue-error.ts";

const address = parseSchedulerAddress("http://127.0.0.1:8786");
const answered = Object.assign(new Error("busy"), { $metadata: { httpStatusCode: 503 } });

function portThatFails(error: Error) {
  const watch = new LossWatch((thrown) => goneWith(thrown, address));
  const port = watch.over({ url: "here", name: () => "port", send: () => Promise.reject(error) });
  return { watch, port };
}

describe("a port of a scheduler", () => {
  it.each([
    ["no answer", new QueueError("queue_failed", "refused", { retryable: true, cause: new Error("ECONNREFUSED") })],
    ["a queue that is not there", new QueueDoesNotExist("send", "here")],
    ["a key that nobody knows", new QueueError("queue_failed", "no", { data: { reason: "InvalidClientTokenId" } })],
  ])("tells of its loss after %s", async (_what, error) => {
    const { watch, port } = portThatFails(error);
    await expect(port.send()).rejects.toMatchObject({ code: "scheduler_gone", cause: error });
    expect(watch.lost).toBe(true);
  });

  it.each([
    ["an answer that asks for patience", new QueueError("queue_failed", "busy", { retryable: true, cause: answered })],
    ["what would fail again", new CloudburstError("queue_failed", "too large")],
    ["what is no failure of a request", new TypeError("a mistake of ours")],
  ])("throws %s as it is", async (_what, error) => {
    const { watch, port } = portThatFails(error);
    await expect(port.send()).rejects.toBe(error);
    expect(watch.lost).toBe(false);
  });

  it("is otherwise the same", () => {
    const { port } = portThatFails(new Error("never asked"));
    expect([port.url, port.name()]).toEqual(["here", "port"]);
  });
});
