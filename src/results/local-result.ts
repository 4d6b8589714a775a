import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { CloudburstError, InvalidOptionError } from "../base/errors.ts";
import { codecOf, type ResultCodec, type ResultFormat } from "./result-format.ts";
import type { ResultStore } from "./result-store.ts";

export interface LocalResultOptions {
  /** Directory that the results are files of; made when the first one is written. */
  readonly dir: string;
  /** @default "values" */
  readonly format?: ResultFormat | undefined;
}

/** Keeps results as files of the driver's machine; a key is a path below the directory. */
export class LocalResult implements ResultStore {
  readonly dir: string;
  readonly #codec: ResultCodec;

  /** @throws {InvalidOptionError} for a missing directory and an unknown format. */
  constructor({ dir, format = "values" }: LocalResultOptions) {
    if (typeof dir !== "string" || dir === "") throw new InvalidOptionError("LocalResult needs `dir`, a directory");
    this.dir = resolve(dir);
    this.#codec = codecOf("LocalResult", format);
  }

  /** @throws {CloudburstError} `bad_result_key`, `bad_result` */
  async read(key: string): Promise<{ readonly value: unknown } | undefined> {
    const bytes = await unlessMissing(readFile(this.#fileOf(key)));
    return bytes && { value: this.#codec.decode(key, bytes) };
  }

  /** @throws {CloudburstError} `bad_result_key`, and for a value that cannot be written. */
  async write(key: string, value: unknown): Promise<void> {
    const file = this.#fileOf(key);
    const bytes = this.#codec.encode(key, value);
    await mkdir(dirname(file), { recursive: true });
    const unfinished = `${file}.${randomUUID()}.tmp`;
    try {
      await writeFile(unfinished, bytes);
      await rename(unfinished, file);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  /** Reads each directory once. */
  async among(keys: readonly string[]): Promise<ReadonlySet<string>> {
    const files = new Map(keys.map((key) => [key, this.#fileOf(key)]));
    const directories = new Set([...files.values()].map(dirname));
    const found = new Set<string>();
    for (const directory of directories) {
      for (const name of (await unlessMissing(readdir(directory))) ?? []) found.add(join(directory, name));
    }
    return new Set(keys.filter((key) => found.has(files.get(key) ?? "")));
  }

  /** Keys may be made of what users of a flow send: none leads out of the directory. */
  #fileOf(key: string): string {
    const file = resolve(this.dir, key);
    if (key !== "" && !key.includes("\0") && file.startsWith(this.dir + sep)) return file;
    throw new CloudburstError("bad_result_key", `"${key}" is no path of a file below ${this.dir}`, { data: { key } });
  }
}

async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
