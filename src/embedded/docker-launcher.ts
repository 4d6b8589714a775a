/**
 * Runs containers in a Docker engine, through its command line.
 *
 *  L1 No secret stands on a command line: variables travel in the environment of Docker's client.
 *  L2 No container outlives this process: it is removed when this process exits, and when this process is killed, its
 *     standard input ends, at which a worker leaves.
 *  L3 A container is removed with its volumes once its end has been told.
 */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { isIPv4 } from "node:net";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { CloudburstError, InvalidOptionError, toError } from "../base/errors.ts";
import type { ContainerLauncher, ContainerSpec, RunningContainer } from "./cloud.ts";
import { createArguments } from "./docker-arguments.ts";
import { runDocker } from "./docker-command.ts";

export interface DockerLauncherOptions {
  /**
   * Private IPv4 address at which containers reach this machine: the gateway of their network, which
   * `docker network inspect bridge` tells. The embedded cloud listens there as well.
   */
  readonly hostAddress: string;
  /** Takes each line that a container prints. @default what it prints on stderr is kept only for its exit reason */
  readonly output?: (line: string, taskArn: string) => void;
}

/** Enough for an error and its stack. */
const keptStderrBytes = 4096;
const keptStderrLines = "50";

/** 128 + SIGKILL. */
const killedCode = 137;
/** How long the reason of a kill may come after it. */
const lateReasonMs = 500;

/** How long this process may take for removing its containers when it exits. */
const removalMs = 10_000;

/** @throws InvalidOptionError when `hostAddress` is not a private IPv4 address */
export function createDockerLauncher(options: DockerLauncherOptions): ContainerLauncher {
  const { hostAddress } = options;
  checkHostAddress(hostAddress);
  const ids = new Set<string>();
  const removeAll = (): void => {
    spawnSync("docker", ["rm", "--force", "--volumes", ...ids], { stdio: "ignore", timeout: removalMs }); // L2
  };
  const track = (id: string): void => {
    if (ids.size === 0) process.on("exit", removeAll);
    ids.add(id);
  };
  const remove = async (id: string): Promise<void> => {
    await runDocker(["rm", "--force", "--volumes", id]);
    ids.delete(id);
    if (ids.size === 0) process.off("exit", removeAll);
  };

  return {
    hostAddress,
    launch: async (spec) => {
      const id = await createContainer(spec);
      track(id);
      const { exitCode, stderr } = await runDocker(["start", id]);
      if (exitCode !== 0) {
        await remove(id);
        throw new CloudburstError("container_not_started", `CannotStartContainerError: ${stderr}`);
      }
      return watchContainer(id, spec, options, () => remove(id));
    },
  };
}

/** Anybody who reaches the address can try access keys there, so that it must not be a public one. */
function checkHostAddress(hostAddress: string): void {
  const isPrivate = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(hostAddress);
  if (isIPv4(hostAddress) && isPrivate) return;
  throw new InvalidOptionError(
    `hostAddress must be a private IPv4 address of this machine, got ${hostAddress} ` +
      "(the gateway of the containers' network: docker network inspect bridge)",
    { hostAddress },
  );
}

async function createContainer(spec: ContainerSpec): Promise<string> {
  const environment = { ...spec.environment, CLOUDBURST_PARENT_PIPE: "1" };
  const args = createArguments({ ...spec, environment }, availableParallelism());
  const { exitCode, stdout, stderr } = await runDocker(["create", ...args], environment);
  if (exitCode === 0) return stdout.split("\n").at(-1) ?? "";
  const isMissing = /unable to find image|pull access denied|manifest unknown/i.test(stderr);
  const kind = isMissing ? "CannotPullContainerError" : "CannotCreateContainerError";
  throw new CloudburstError("container_not_started", `${kind}: ${spec.image}: ${stderr.slice(-keptStderrBytes)}`);
}

function watchContainer(
  id: string,
  spec: ContainerSpec,
  options: DockerLauncherOptions,
  remove: () => Promise<void>,
): RunningContainer {
  const lifeline = spawn("docker", ["attach", "--sig-proxy=false", id], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true, // Ctrl-C is this process's to handle: it must not cut the line
  });
  lifeline.stdin.on("error", () => undefined); // nothing is written, so nothing is lost when the pipe breaks
  const detached = closed(lifeline);
  const told = options.output === undefined ? undefined : followLogs(id, spec.taskArn, options.output);
  let wasKilled = false;
  const exited = async (): RunningContainer["exited"] => {
    await detached;
    await runDocker(["wait", id]); // the client may have ended before the container
    await told;
    const end = await describeEnd(id, wasKilled);
    await remove(); // L3
    return end;
  };
  return {
    exited: exited().catch((error: unknown) => ({ exitCode: 1, reason: toError(error).message })),
    kill: (signal) => {
      wasKilled ||= signal === "SIGKILL";
      void runDocker(["kill", "--signal", signal, id]).catch(() => undefined); // fails only for one that has ended
    },
  };
}

/** Resolves when a client of Docker has ended, or could not even start. */
function closed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("error", () => {
      resolve();
    });
    child.once("close", () => {
      resolve();
    });
  });
}

/** Docker may hear of the end before it hears of the reason: then the state lacks it, and only an event tells. */
async function ranOutOfMemory(id: string, since: string): Promise<boolean> {
  const until = new Date(Date.now() + lateReasonMs).toISOString();
  const filters = ["--filter", `container=${id}`, "--filter", "event=oom"];
  const { stdout } = await runDocker(["events", "--since", since, "--until", until, ...filters]);
  return stdout !== "";
}

async function followLogs(id: string, taskArn: string, output: (line: string, taskArn: string) => void): Promise<void> {
  const logs = spawn("docker", ["logs", "--follow", id], { stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [logs.stdout, logs.stderr]) {
    createInterface({ input: stream, crlfDelay: Infinity }).on("line", (line) => {
      output(line, taskArn);
    });
  }
  await closed(logs);
}

async function describeEnd(id: string, wasKilled: boolean): RunningContainer["exited"] {
  const state = "{{.State.ExitCode}} {{.State.OOMKilled}} {{.State.StartedAt}}";
  const { stdout } = await runDocker(["inspect", "--format", state, id]);
  const [code = "", outOfMemory, startedAt = ""] = stdout.split(" ");
  // A container that somebody removed behind our back leaves no exit code: it was killed.
  const exitCode = code === "" ? killedCode : Number(code);
  if (exitCode === 0) return { exitCode, reason: undefined };
  const isUnexplained = code !== "" && exitCode === killedCode && !wasKilled;
  if (outOfMemory === "true" || (isUnexplained && (await ranOutOfMemory(id, startedAt)))) {
    return { exitCode, reason: "OutOfMemoryError: Container killed due to memory usage" };
  }
  const logs = await runDocker(["logs", "--tail", keptStderrLines, id]);
  const said = logs.exitCode === 0 ? logs.stderr.slice(-keptStderrBytes) : "";
  return { exitCode, reason: said === "" ? undefined : said };
}
