import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FargateExecutor } from "../../src/index.ts";
import { killedOnce, plainFailure, poison } from "./flows/failures.ts";

const executor = new FargateExecutor({ clusterKwargs: { nWorkers: 2, threadsPerWorker: 1 } });
const directory = mkdtempSync(join(tmpdir(), "cloudburst-e2e-"));
/** A failed call stands in the list as its error, whatever the list's type says. */
const messageOf = (element: unknown): string =>
  element instanceof Error ? element.message : `no error: ${String(element)}`;
afterAll(() => rmSync(directory, { recursive: true }));

// Both wait for leases of ten seconds.
describe.concurrent("a worker that is killed", () => {
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
});
