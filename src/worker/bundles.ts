/** Brings flow bundles from the bucket to a file of this machine. Only code whose SHA-256 matches is ever run (I10). */
import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CloudburstError } from "../base/errors.ts";
import { makeOwnDirectory, type OwnDirectory } from "../base/own-directory.ts";
import type { Store } from "../store/store.ts";
import { bundleKey } from "../wire/keys.ts";

export interface Bundles extends AsyncDisposable {
  /** Path of the bundle's file. @throws CloudburstError when it is missing or is not what its name says */
  file(sha256: string): Promise<string>;
}

/** @param maxFiles more than there are chunks in hand at once: the file of a chunk in hand must stay */
export function createBundles(store: Store, maxFiles: number): Bundles {
  /** The one used last at the end. */
  const files = new Map<string, Promise<string>>();
  let directory: Promise<OwnDirectory> | undefined;

  const bring = async (sha256: string): Promise<string> => {
    const code = await store.get(bundleKey(sha256));
    if (code === undefined) throw new CloudburstError("bundle_missing", `the bundle ${sha256} is not in the bucket`);
    const found = createHash("sha256").update(code).digest("hex");
    if (found !== sha256) {
      throw new CloudburstError(
        "bundle_mismatch",
        `the bundle ${sha256} has another content (SHA-256 ${found}); it was not run`,
      );
    }
    directory ??= makeOwnDirectory();
    const file = join((await directory).path, `${sha256}.mjs`);
    await writeFile(file, code);
    return file;
  };

  const dropOldest = (): void => {
    const [oldest] = files;
    if (oldest === undefined || files.size <= maxFiles) return;
    const [sha256, bringing] = oldest;
    files.delete(sha256);
    // One that could not be brought has no file, and one that cannot be removed goes with the directory.
    void bringing.then((file) => rm(file, { force: true })).catch(() => undefined);
  };

  return {
    file: async (sha256) => {
      const known = files.get(sha256) ?? bring(sha256);
      files.delete(sha256);
      files.set(sha256, known);
      dropOldest();
      return await known.catch((error: unknown) => {
        files.delete(sha256);
        throw error;
      });
    },
    [Symbol.asyncDispose]: async () => {
      await (await directory)?.[Symbol.asyncDispose]();
    },
  };
}
