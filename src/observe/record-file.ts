/**
 * The files of run records: one for each driver of a run, named by the run's id, so that their names sort by age.
 *
 *  R1 A record that cannot be written is never an error of its run: it is told once, and the run goes on.
 *  R2 Records are the user's own: nobody else may read them.
 */
import { type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { toError } from "../base/errors.ts";
import type { RecordLine } from "./run-record.ts";

export interface RecordPlace {
  readonly directory: string;
  /** So many of the latest records are kept. */
  readonly keep: number;
}

export const recordEnding = ".jsonl";

/** Takes lines at any pace and writes them in order. */
export class RecordFile {
  readonly #place: RecordPlace;
  readonly #runId: string;
  readonly #warn: (message: string) => void;
  #lines: string[] = [];
  #file: FileHandle | undefined;
  #writing: Promise<void> | undefined;
  #broken = false;

  constructor(place: RecordPlace, runId: string, warn: (message: string) => void) {
    this.#place = place;
    this.#runId = runId;
    this.#warn = warn;
  }

  add(line: RecordLine): void {
    if (this.#broken) return;
    this.#lines.push(`${JSON.stringify(line)}\n`);
    this.#writing ??= this.#drain();
  }

  /** Resolves when all is written; never rejects. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#attempt(async () => await this.#file?.close());
    if (!this.#broken) await this.#attempt(async () => await removeOldest(this.#place));
  }

  async #drain(): Promise<void> {
    await this.#attempt(async () => {
      this.#file ??= await createFile(this.#place.directory, this.#runId);
      while (this.#lines.length > 0) {
        const text = this.#lines.join("");
        this.#lines = [];
        await this.#file.appendFile(text);
      }
    });
    this.#writing = undefined; // in the turn in which nothing was left: what comes now starts anew
  }

  async #attempt(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      const first = !this.#broken;
      this.#broken = true;
      this.#lines = [];
      // R1
      if (first) this.#warn(`the run is not recorded in ${this.#place.directory}: ${toError(error).message}`);
    }
  }
}

/** A run that is resumed on this machine has a record of each of its drivers here: `<run>`, `<run>-2` and so on. */
async function createFile(directory: string, runId: string): Promise<FileHandle> {
  await mkdir(directory, { recursive: true, mode: 0o700 }); // R2
  for (let driver = 1; ; driver += 1) {
    const name = driver === 1 ? runId : `${runId}-${String(driver)}`;
    try {
      return await open(join(directory, name + recordEnding), "wx", 0o600);
    } catch (error) {
      if (Reflect.get(toError(error), "code") !== "EEXIST") throw error;
    }
  }
}

async function removeOldest({ directory, keep }: RecordPlace): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(recordEnding)).sort();
  for (const name of names.slice(0, Math.max(0, names.length - keep))) await rm(join(directory, name), { force: true });
}
