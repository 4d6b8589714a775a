import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { CloudburstError } from "../base/errors.ts";

export interface DockerReply {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Docker's command line to its end. `environment` is added to this process's own. */
export async function runDocker(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<DockerReply> {
  const child = spawn("docker", args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", (error) => {
      reject(new CloudburstError("no_docker", `docker cannot be run: ${error.message}`, { cause: error }));
    });
    child.once("close", (code) => {
      resolve(code ?? 1);
    });
  });
  const [exitCode, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { exitCode, stdout: stdout.trim(), stderr: stderr.trim() };
}
