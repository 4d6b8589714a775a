import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CloudburstError } from "../base/errors.ts";

/** `dist/worker.mjs`, from the sources as well as from the published package. */
export function findWorkerFile(): string {
  const file = fileURLToPath(new URL("../../dist/worker.mjs", import.meta.url));
  if (!existsSync(file))
    throw new CloudburstError("no_worker_file", `${file} is missing (build it: npm run build:worker)`);
  return file;
}
