import { spawn } from "node:child_process";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const binaries = fileURLToPath(new URL("../node_modules/.bin", import.meta.url));

export interface ToolResult {
  /** 1 when the tool was ended by a signal. */
  readonly exitCode: number;
  /** Standard output and standard error, in the order in which they came. */
  readonly output: string;
}

/** Runs a tool of this project's own dependencies in the project's root, without standard input. */
export async function runTool(tool: string, args: readonly string[]): Promise<ToolResult> {
  const env = { ...process.env, PATH: `${binaries}${delimiter}${process.env["PATH"] ?? ""}` };
  const child = spawn(tool, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  child.stderr.on("data", (part: Buffer) => parts.push(part));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode: exitCode ?? 1, output: Buffer.concat(parts).toString() }));
  });
}
