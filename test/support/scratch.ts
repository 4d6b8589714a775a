import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made: string[] = [];
process.on("exit", () => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** A new directory, which goes with the test process. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "cloudburst-test-"));
  made.push(directory);
  return directory;
}
