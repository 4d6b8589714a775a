/** Commands that run until they are told to end, as processes of their own. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { until } from "../embedded/until.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tsx = import.meta.resolve("tsx");

export interface LongLived extends AsyncDisposable {
  readonly pid: number;
  /** Both streams, as they came. */
  readonly said: string;
  /** Waits until the process has said it; returns the match. */
  hear(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal and waits for the end; returns the exit code, 128 + its number after a signal that was not caught. */
  end(signal: "SIGINT" | "SIGTERM" | "SIGKILL"): Promise<number>;
  readonly exited: Promise<number>;
}

/** Starts `cloudburst …` with `env` over this process's, less what would lead it to AWS. */
export function startCommand(args: readonly string[], env: Readonly<Record<string, string>>): LongLived {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS|CLOUDBURST|PREFECT)_/.test(name));
  const child = spawn(process.execPath, ["--import", tsx, "src/cli/main.ts", ...args], {
    cwd: root,
    env: { ...Object.fromEntries(kept), NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const exited = ended(child);
  return {
    pid: child.pid ?? 0,
    get said() {
      return said;
    },
    hear: async (pattern) => {
      let match: RegExpExecArray | null = null;
      await until(`${args.join(" ")} says ${String(pattern)}; it said: ${said}`, () => {
        match = pattern.exec(said);
        if (match === null && child.exitCode !== null) throw new Error(`it ended, and said: ${said}`);
        return match !== null;
      });
      return match ?? ([] as never);
    },
    end: async (signal) => {
      child.kill(signal);
      return await exited;
    },
    exited,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve) =>
    child.once("close", (code, signal) => resolve(code ?? (signal === "SIGKILL" ? 137 : 143))),
  );
}
