/** Runs one measurement in a process of its own, so that none warms up or burdens another. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export type Figures = Readonly<Record<string, number>>;

const caseFile = fileURLToPath(new URL("./case.ts", import.meta.url));

/** The figures of `repeats` runs of a case, each in a new process: of each figure the median. */
export async function measure(name: string, repeats: number, args: readonly string[] = []): Promise<Figures> {
  const runs: Figures[] = [];
  for (let run = 0; run < repeats; run += 1) runs.push(await measureOnce(name, args));
  const names = Object.keys(runs[0] ?? {});
  return Object.fromEntries(names.map((figure) => [figure, median(runs.map((figures) => figures[figure] ?? NaN))]));
}

async function measureOnce(name: string, args: readonly string[]): Promise<Figures> {
  const child = fork(caseFile, [name, ...args], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  let figures: Figures | undefined;
  child.on("message", (message) => (figures = message as Figures)); // case.ts sends nothing else
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0 || figures === undefined)
    throw new Error(`the measurement ${name} failed with exit code ${String(code)}`);
  return figures;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
