/** The Docker engine and the images that `npm run test:containers` brings. */

import { runDocker } from "../../src/embedded/docker-command.ts";
import { describeWith } from "../contract/describe-with.ts";

export interface Engine {
  /** Address at which containers reach this machine. */
  readonly gateway: string;
  readonly workerImage: string;
  /** What the worker's image starts from. */
  readonly baseImage: string;
  /** Containers of it behave as their command says: test/embedded/fixtures/container.mjs. */
  readonly contractImage: string;
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the tests by \`npm run test:containers\``);
  return value;
}

/** Undefined where they cannot be had. */
const engine: Engine | undefined =
  process.env["CLOUDBURST_DOCKER"] === undefined
    ? undefined
    : {
        gateway: variable("CLOUDBURST_DOCKER_GATEWAY"),
        workerImage: variable("CLOUDBURST_WORKER_IMAGE"),
        baseImage: variable("CLOUDBURST_BASE_IMAGE"),
        contractImage: variable("CLOUDBURST_CONTRACT_IMAGE"),
      };

export function describeWithEngine(title: string, suite: () => void): void {
  describeWith("Docker engine", engine !== undefined, title, suite);
}

/** For what runs only with an engine. */
export function requireEngine(): Engine {
  if (engine === undefined) throw new Error("there is no Docker engine");
  return engine;
}

/** What Docker's command line prints; fails when it fails. */
export async function docker(...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runDocker(args);
  if (exitCode !== 0) throw new Error(`docker ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Ids of the containers of the embedded cloud's tasks, running or not. */
export async function taskContainers(): Promise<readonly string[]> {
  const ids = await docker("ps", "--all", "--quiet", "--no-trunc", "--filter", "label=cloudburst.task");
  return ids === "" ? [] : ids.split("\n");
}
