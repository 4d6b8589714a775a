import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { ContainerSpec } from "../../src/embedded/cloud.ts";
import { createProcessLauncher } from "../../src/embedded/process-launcher.ts";
import { until } from "./until.ts";

const workerFile = fileURLToPath(new URL("fixtures/container.mjs", import.meta.url));
const parentFile = fileURLToPath(new URL("fixtures/launching-parent.ts", import.meta.url));

function spec(behaviour: string, environment: Readonly<Record<string, string>> = {}): ContainerSpec {
  return { image: "local", command: [behaviour], environment, taskArn: "arn:task", containerName: "main" };
}

/** Starts a parent of a container and waits for the container's process id. */
async function startParent(
  behaviour: string,
  end: string,
  file = "container.mjs",
): Promise<{ parent: ChildProcess; containerPid: number }> {
  const parent = spawn(process.execPath, ["--import", "tsx", parentFile, behaviour, end, file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const line = await new Promise<string>((resolve) => createInterface({ input: parent.stdout }).once("line", resolve));
  return { parent, containerPid: Number(line.replace("waiting ", "")) };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it("a container that succeeds tells exit code 0 and no reason", async () => {
  const container = await createProcessLauncher({ workerFile }).launch(spec("exit"));
  expect(await container.exited).toEqual({ exitCode: 0, reason: undefined });
});

it("a container that fails tells the end of what it wrote to stderr, at most 4 KiB", async () => {
  const container = await createProcessLauncher({ workerFile }).launch(spec("fail"));
  const { exitCode, reason } = await container.exited;
  expect(exitCode).toBe(3);
  expect(reason).toMatch(/noise\s+the configuration is wrong$/);
  expect(Buffer.byteLength(reason ?? "")).toBeLessThanOrEqual(4096);
});

it("a worker file that is not there is told before anything starts", async () => {
  const launcher = createProcessLauncher({ workerFile: "/no/such/worker.js" });
  await expect(launcher.launch(spec("exit"))).rejects.toThrow(
    "CannotPullContainerError: the worker file /no/such/worker.js cannot be read (was it built?)",
  );
});

it("a killed container tells the exit code that a shell would: 137 for SIGKILL", async () => {
  const container = await createProcessLauncher({ workerFile }).launch(spec("stubborn"));
  container.kill("SIGKILL");
  expect(await container.exited).toEqual({ exitCode: 137, reason: undefined });
});

it("each line that a container prints goes to `output` with its task", async () => {
  const lines: string[] = [];
  const output = (line: string, taskArn: string): void => void lines.push(`${taskArn} ${line}`);
  const container = await createProcessLauncher({ workerFile, output }).launch(spec("wait"));
  await until("the container waits", () => lines.length > 0);
  expect(lines[0]).toMatch(/^arn:task waiting \d+$/);
  container.kill("SIGTERM");
  expect((await container.exited).exitCode).toBe(0);
});

it("a container sees its own environment and the machine's basics, and none of this process's secrets", async () => {
  vi.stubEnv("AWS_SESSION_TOKEN", "secret");
  const lines: string[] = [];
  const launcher = createProcessLauncher({ workerFile, output: (line) => void lines.push(line) });
  const metadata = "data:application/json,{}#"; // stands for the metadata endpoint
  const container = await launcher.launch(spec("report", { ECS_CONTAINER_METADATA_URI_V4: metadata, MINE: "1" }));
  await container.exited;
  vi.unstubAllEnvs();
  const { environment } = JSON.parse(lines[0] ?? "{}") as { environment: Record<string, string> };
  expect(environment).toMatchObject({ MINE: "1", PATH: process.env["PATH"], CLOUDBURST_PARENT_PIPE: "1" });
  expect(environment).not.toHaveProperty("AWS_SESSION_TOKEN");
});

it("launching and ending containers leaves no listener on this process", async () => {
  const before = process.listenerCount("exit");
  const launcher = createProcessLauncher({ workerFile });
  const containers = await Promise.all(Array.from({ length: 3 }, () => launcher.launch(spec("wait"))));
  expect(process.listenerCount("exit")).toBe(before + 1);
  for (const container of containers) container.kill("SIGKILL");
  await Promise.all(containers.map((container) => container.exited));
  expect(process.listenerCount("exit")).toBe(before);
});

it("a container ends when the process that started it is killed", async () => {
  const { parent, containerPid } = await startParent("wait", "stay");
  expect(isAlive(containerPid)).toBe(true);
  parent.kill("SIGKILL");
  await until("the container has ended", () => !isAlive(containerPid));
});

it("a container that does not watch its parent is killed when the parent exits", async () => {
  const { containerPid } = await startParent("deaf", "exit");
  await until("the container has ended", () => !isAlive(containerPid));
});

describe("a temporary directory of a container that is killed", () => {
  const directoryFile = fileURLToPath(new URL("fixtures/makes-directory.ts", import.meta.url));
  function temporaryDirectory(): () => readonly string[] {
    const temporary = mkdtempSync(join(tmpdir(), "cloudburst-launcher-"));
    vi.stubEnv("TMPDIR", temporary);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(temporary, { recursive: true });
    });
    return () => readdirSync(temporary).filter((name) => name.startsWith("cloudburst-"));
  }

  it("is gone when its end is told", async () => {
    const left = temporaryDirectory();
    const launcher = createProcessLauncher({ workerFile: directoryFile, execArgv: ["--import", "tsx"] });
    const container = await launcher.launch(spec("stay"));
    await until("the container has its directory", () => left().length === 1);
    container.kill("SIGKILL");
    await container.exited;
    expect(left()).toEqual([]);
  });

  it("is gone when the process that started it exits", async () => {
    const left = temporaryDirectory();
    const { parent } = await startParent("stay", "exit", "makes-directory.ts");
    await new Promise((resolve) => parent.once("exit", resolve));
    expect(left()).toEqual([]);
  });
});
