import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new directory, which goes with the test run. */
export function scratchDirectory(): string {
  return mkdtempSync(join(tmpdir(), "cloudburst-test-"));
}
