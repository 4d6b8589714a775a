import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cloudburst, type Ended } from "../support/command-line.ts";
import { scratchDirectory } from "../support/scratch.ts";
import { type LongLived, startCommand } from "../cli/long-lived.ts";

let home: string;
let started: LongLived[];
beforeEach(() => {
  home = scratchDirectory();
  started = [];
});
afterEach(async () => {
  for (const each of started) await each[Symbol.asyncDispose]();
});

function start(...args: readonly string[]): LongLived {
  const process = startCommand(args, { XDG_STATE_HOME: home });
  started.push(process);
  return process;
}

const run = async (...args: readonly string[]): Promise<Ended> =>
  await cloudburst(args, { env: { XDG_STATE_HOME: home } });

async function failing(...args: readonly string[]): Promise<string> {
  const { exitCode, stderr } = await run(...args);
  expect(exitCode).toBe(1);
  return stderr;
}

describe("cloudburst scheduler", () => {
  it("prints the address, and ends in order when it is interrupted", async () => {
    const scheduler = start("scheduler", "--port", "0", "--n-workers", "0", "--threads-per-worker", "1");
    const [, address = ""] = await scheduler.hear(/^Scheduler at: (http:\/\/127\.0\.0\.1:\d+)$/m);
    await scheduler.hear(/^0 workers .*more join by: npx cloudburst worker http/m);
    const second = await failing("scheduler", "--n-workers", "0", "--port", new URL(address).port);
    expect(second).toMatch(/^cloudburst: port \d+ on 127\.0\.0\.1 is in use/m);
    expect(await scheduler.end("SIGINT")).toBe(0);
    expect(await failing("worker", address)).toMatch(
      /^cloudburst: nothing answers at .*npx cloudburst scheduler --port/m,
    );
  });

  it("refuses what it cannot be started with", async () => {
    expect(await failing("scheduler", "--host", "0.0.0.0")).toMatch(/a token and TLS are needed: --token/);
    expect(await failing("scheduler", "--port", "http")).toMatch(/'--port <n>'.*it must be a whole number/);
    expect(await failing("scheduler", "--token", "my-secret")).not.toContain("my-secret");
  });

  it("explains its flags, as cloudburst worker does", async () => {
    const helps = [await run("scheduler", "--help"), await run("worker", "--help")];
    expect(helps.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    const flags = ["--host", "--port", "--n-workers", "--threads-per-worker", "--token", "--tls-cert", "--tls-key"];
    for (const flag of flags) expect(helps[0]?.stdout).toContain(flag);
    for (const flag of ["<address>", "--threads", "--name", "--token", "--tls-ca"])
      expect(helps[1]?.stdout).toContain(flag);
  });
});

describe("cloudburst worker", () => {
  it.each([
    [["fargate://Cloudburst"], /it must be a scheduler's, such as http:\/\/127\.0\.0\.1:8786/],
    [["tcp://10.0.0.41:8786"], /a scheduler of another machine has TLS/],
    [["http://127.0.0.1:9", "--threads", "0"], /a worker has at least 1 thread, got 0/],
    [["http://127.0.0.1:9", "--name", "two words"], /must have 1 to 64 letters, digits/],
    [["http://127.0.0.1:9"], /nothing answers at http:\/\/127\.0\.0\.1:9 \(start one with/],
  ])("refuses %j", async (args, message) => {
    expect(await failing("worker", ...args)).toMatch(message);
  });
});
