/** `cloudburst …` within the test's process: starting one takes Node a second, which is not what most tests are about. */
import { format, stripVTControlCharacters } from "node:util";
import { vi } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.ts";

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandPlace {
  /** @default the project's */
  readonly cwd?: string;
  /** Variables besides those of the test, of which none leads to AWS or configures anything. */
  readonly env?: Readonly<Record<string, string>>;
}

/** One at a time: the directory, the variables and the streams are those of the whole process. */
export async function cloudburst(args: readonly string[], { cwd, env = {} }: CommandPlace = {}): Promise<Ended> {
  const restore = [stubEnvironment(env), stubDirectory(cwd), keepListeners(), stubExitCode()];
  const streams = catchStreams();
  try {
    await runCommandLine(args);
    return { exitCode: Number(process.exitCode ?? 0), ...streams.said() };
  } finally {
    streams.restore();
    for (const undo of restore) undo();
  }
}

function stubEnvironment(env: Readonly<Record<string, string>>): () => void {
  const before = { ...process.env };
  const replace = (variables: NodeJS.ProcessEnv): void => {
    for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, variables);
  };
  const kept = Object.entries(before).filter(([name]) => !/^(AWS_|CLOUDBURST_|PREFECT_|XDG_)/u.test(name));
  replace({ ...Object.fromEntries(kept), AWS_EC2_METADATA_DISABLED: "true", ...env });
  return () => {
    replace(before);
  };
}

function stubDirectory(cwd: string | undefined): () => void {
  const before = process.cwd();
  if (cwd !== undefined) process.chdir(cwd);
  return () => {
    process.chdir(before);
  };
}

/** A command listens until its process ends. */
function keepListeners(): () => void {
  const signals = ["SIGINT", "SIGTERM"] as const;
  const before = signals.map((signal) => new Set(process.listeners(signal)));
  return () => {
    for (const [at, signal] of signals.entries())
      for (const listener of process.listeners(signal))
        if (before[at]?.has(listener) !== true) process.off(signal, listener);
  };
}

function stubExitCode(): () => void {
  const before = process.exitCode;
  process.exitCode = undefined;
  return () => {
    process.exitCode = before;
  };
}

function catchStreams() {
  const said = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).flatMap((stream) => {
    const write = (text: string): true => {
      said[stream] += text;
      return true;
    };
    const print = (...values: unknown[]): void => void write(`${format(...values)}\n`);
    return [
      vi.spyOn(process[stream], "write").mockImplementation((text) => write(String(text))),
      vi.spyOn(console, stream === "stdout" ? "log" : "error").mockImplementation(print), // the test runner's own
    ];
  });
  return {
    said: () => ({
      stdout: stripVTControlCharacters(said.stdout),
      stderr: stripVTControlCharacters(said.stderr),
    }),
    restore: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}
