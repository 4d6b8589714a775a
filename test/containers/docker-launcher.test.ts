import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import type { ContainerSpec } from "../../src/embedded/cloud.ts";
import { createDockerLauncher } from "../../src/embedded/docker-launcher.ts";
import { until } from "../embedded/until.ts";
import { docker, describeWithEngine, requireEngine, taskContainers } from "./engine.ts";

const parentFile = fileURLToPath(new URL("fixtures/launching-parent.ts", import.meta.url));

function spec(behaviour: string, more: Partial<ContainerSpec> = {}): ContainerSpec {
  const { contractImage } = requireEngine();
  return {
    image: contractImage,
    command: [behaviour],
    environment: {},
    taskArn: "arn:task",
    containerName: "main",
    ...more,
  };
}

/** A program in place of the image's. */
function script(code: string, more: Partial<ContainerSpec> = {}): ContainerSpec {
  return spec("", { entryPoint: ["node", "--eval"], command: [code], ...more });
}

function launcher(output?: (line: string) => void) {
  return createDockerLauncher({ hostAddress: requireEngine().gateway, ...(output !== undefined && { output }) });
}

describeWithEngine("a container in a Docker engine", () => {
  afterEach(async () => {
    await until("every container is removed", async () => (await taskContainers()).length === 0);
  });

  it("that succeeds tells exit code 0 and no reason", async () => {
    const container = await launcher().launch(spec("exit"));
    expect(await container.exited).toEqual({ exitCode: 0, reason: undefined });
  });

  it("that fails tells the end of what it wrote to stderr, at most 4 KiB", async () => {
    const { exitCode, reason } = await (await launcher().launch(spec("fail"))).exited;
    expect(exitCode).toBe(3);
    expect(reason).toMatch(/noise\s+the configuration is wrong$/);
    expect(Buffer.byteLength(reason ?? "")).toBeLessThanOrEqual(4096);
  });

  it("of an image that is nowhere to be had is told before anything starts", async () => {
    const launched = launcher().launch(spec("exit", { image: "cloudburst.invalid/no-such-image:1" }));
    await expect(launched).rejects.toThrow(/^CannotPullContainerError: cloudburst\.invalid\/no-such-image:1: /);
  });

  it("whose program is not in the image is told with the engine's reason", async () => {
    const launched = launcher().launch(spec("exit", { entryPoint: ["/no/such/program"] }));
    await expect(launched).rejects.toThrow(/^CannotStartContainerError: .*\/no\/such\/program/s);
  });

  it("gets SIGTERM and may leave in peace", async () => {
    const lines: string[] = [];
    const container = await launcher((line) => lines.push(line)).launch(spec("wait"));
    await until("the container waits", () => lines.some((line) => line.startsWith("waiting")));
    container.kill("SIGTERM");
    expect(await container.exited).toEqual({ exitCode: 0, reason: undefined });
  });

  it("that ignores SIGTERM is killed with exit code 137", async () => {
    const lines: string[] = [];
    const container = await launcher((line) => lines.push(line)).launch(spec("stubborn"));
    await until("the container waits", () => lines.length > 0);
    container.kill("SIGTERM");
    await until("it has ignored SIGTERM", () => lines.includes("ignored SIGTERM"));
    container.kill("SIGKILL");
    expect(await container.exited).toEqual({ exitCode: 137, reason: undefined });
  });

  it("that somebody else removes was killed", async () => {
    const container = await launcher().launch(spec("wait"));
    await docker("rm", "--force", ...(await taskContainers()));
    expect(await container.exited).toEqual({ exitCode: 137, reason: undefined });
  });

  it("that takes more memory than its limit is killed, and says so as ECS does", async () => {
    const hungry = "const taken = []; for (;;) taken.push(Buffer.alloc(10_000_000, 1));";
    const container = await launcher().launch(script(hungry, { limits: { cpuUnits: 256, memoryMib: 64 } }));
    expect(await container.exited).toEqual({
      exitCode: 137,
      reason: "OutOfMemoryError: Container killed due to memory usage",
    });
  });

  it("has the processors and the memory of its limits, without swap", async () => {
    const container = await launcher().launch(spec("wait", { limits: { cpuUnits: 512, memoryMib: 1024 } }));
    const limits = "{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}} {{.HostConfig.MemorySwap}}";
    const told = await docker("inspect", "--format", limits, ...(await taskContainers()));
    expect(told).toBe(`500000000 ${String(2 ** 30)} ${String(2 ** 30)}`);
    container.kill("SIGKILL");
    await container.exited;
  });

  it("with a read-only root can write where a volume is mounted and nowhere else, as the user of its definition", async () => {
    const lines: string[] = [];
    const code = `const fs = require("node:fs");
      const tried = ["/tmp/x", "/x"].map((path) => { try { fs.writeFileSync(path, ""); return "written"; } catch (e) { return e.code; } });
      console.log(process.getuid(), ...tried);`;
    const confinement = {
      user: "1234",
      readonlyRoot: true,
      mountPaths: ["/tmp"],
      init: true,
      droppedCapabilities: ["ALL"],
    };
    const container = await launcher((line) => lines.push(line)).launch(script(code, { confinement }));
    expect((await container.exited).exitCode).toBe(0);
    expect(lines).toEqual(["1234 written EROFS"]);
  });

  it("gets its variables, whatever is in them, and none of this process's", async () => {
    const lines: string[] = [];
    const environment = { AWS_SECRET_ACCESS_KEY: "s3cret", EMPTY: "", ODD: "a=b c\n'd'" };
    const metadata = "data:application/json,{}#"; // stands for the metadata endpoint
    const container = await launcher((line) => lines.push(line)).launch(
      spec("report", { environment: { ...environment, ECS_CONTAINER_METADATA_URI_V4: metadata } }),
    );
    await container.exited;
    const reported = JSON.parse(lines[0] ?? "{}") as { environment: Record<string, string> };
    expect(reported.environment).toMatchObject(environment);
    expect(reported.environment).not.toHaveProperty("CLOUDBURST_DOCKER");
  });

  it("ends and is removed when the process that started it is killed", async () => {
    const { contractImage, gateway } = requireEngine();
    const parent = spawn(process.execPath, ["--import", "tsx", parentFile, contractImage, gateway], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => createInterface({ input: parent.stdout }).once("line", resolve));
    parent.kill("SIGKILL");
    const running = (): Promise<string> => docker("ps", "--quiet", "--filter", "label=cloudburst.task");
    await until("the container has ended", async () => (await running()) === "");
    await docker("rm", "--force", ...(await taskContainers())); // nobody is left who could remove it
  });

  it("is removed when the process that started it exits", async () => {
    const { contractImage, gateway } = requireEngine();
    const parent = spawn(process.execPath, ["--import", "tsx", parentFile, contractImage, gateway, "exit"]);
    await new Promise((resolve) => parent.once("exit", resolve));
    expect(await taskContainers()).toEqual([]);
  });
});
