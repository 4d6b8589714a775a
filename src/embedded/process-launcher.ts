import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { access } from "node:fs/promises";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { CloudburstError, toError } from "../base/errors.ts";
import { removeDirectoriesAtExit, removeDirectoriesOf } from "../base/own-directory.ts";
import type { ContainerLauncher, ContainerSpec, RunningContainer } from "./cloud.ts";

export interface ProcessLauncherOptions {
  /** The JavaScript file that each container runs; the container's command becomes its arguments. */
  readonly workerFile: string;
  /** Arguments for Node itself, before the file. @default none */
  readonly execArgv?: readonly string[];
  /** Takes each line that a container prints. @default what it prints on stderr is kept only for its exit reason */
  readonly output?: (line: string, taskArn: string) => void;
}

/** What a process needs of this machine's environment; the rest must not reach a container. */
const inheritedVariables = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "NODE_EXTRA_CA_CERTS", "SystemRoot", "TEMP"];

/** Enough for an error and its stack. */
const keptStderrBytes = 4096;

/** How long output may still come in after the end of a process, when a grandchild holds the pipe. */
const drainMs = 500;

/** Runs containers as Node processes of this machine: none outlives this process, none leaves a temporary directory. */
export function createProcessLauncher(options: ProcessLauncherOptions): ContainerLauncher {
  const children = new Set<ChildProcess>();
  const killAll = (): void => {
    for (const child of children) child.kill("SIGKILL");
    removeDirectoriesAtExit(new Set([...children].map(({ pid }) => pid)));
  };
  const track = (child: ChildProcess): void => {
    if (children.size === 0) process.on("exit", killAll);
    children.add(child);
  };
  const forget = (child: ChildProcess): void => {
    children.delete(child);
    if (children.size === 0) process.off("exit", killAll);
  };

  return {
    launch: async (spec) => {
      await checkWorkerFile(options.workerFile);
      const child = startProcess(spec, options);
      track(child);
      try {
        const container = watchProcess(child, spec, options);
        await spawned(child);
        void container.exited.then(() => {
          forget(child);
        });
        return container;
      } catch (error) {
        forget(child);
        throw new CloudburstError("container_not_started", `CannotStartContainerError: ${toError(error).message}`, {
          cause: error,
        });
      }
    },
  };
}

async function checkWorkerFile(workerFile: string): Promise<void> {
  try {
    await access(workerFile);
  } catch (error) {
    const message = `CannotPullContainerError: the worker file ${workerFile} cannot be read (was it built?)`;
    throw new CloudburstError("worker_file_missing", message, { cause: error });
  }
}

function startProcess(spec: ContainerSpec, options: ProcessLauncherOptions): ChildProcess {
  const inherited = inheritedVariables.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return spawn(
    process.execPath,
    [...(options.execArgv ?? []), options.workerFile, ...(spec.entryPoint ?? []), ...spec.command],
    {
      // stdin carries nothing: its end tells the child that this process is gone, even after a SIGKILL.
      stdio: ["pipe", options.output === undefined ? "ignore" : "pipe", "pipe"],
      env: { ...Object.fromEntries(inherited), ...spec.environment, CLOUDBURST_PARENT_PIPE: "1" },
    },
  );
}

function spawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
}

function watchProcess(child: ChildProcess, spec: ContainerSpec, options: ProcessLauncherOptions): RunningContainer {
  let stderr = Buffer.alloc(0);
  child.stdin?.on("error", () => undefined); // nothing is written, so nothing is lost when the pipe breaks
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-keptStderrBytes);
  });
  const output = options.output;
  if (output !== undefined) {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null)
        eachLine(stream, (line) => {
          output(line, spec.taskArn);
        });
    }
  }
  const exited = ended(child).then(async (exitCode) => {
    if (child.pid !== undefined) await removeDirectoriesOf(child.pid);
    const said = stderr.toString("utf8").trim();
    return { exitCode, reason: exitCode === 0 || said === "" ? undefined : said };
  });
  return {
    exited,
    kill: (signal) => {
      child.kill(signal);
    },
  };
}

function eachLine(stream: Readable, take: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Infinity }).on("line", take);
}

/** The exit code, as a shell would tell it, once the output has been read too. */
function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      const exitCode = code ?? 128 + constants.signals[signal ?? "SIGKILL"];
      const overdue = setTimeout(() => {
        resolve(exitCode);
      }, drainMs);
      child.once("close", () => {
        clearTimeout(overdue);
        resolve(exitCode);
      });
    });
  });
}
