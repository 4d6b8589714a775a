/** One directory for all that tests, and the processes that they start, put into the temporary directory: it goes with the run. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs before the test processes start, which inherit the environment. */
export default function setup(): () => void {
  const directory = mkdtempSync(join(tmpdir(), "cloudburst-tests-"));
  process.env["TMPDIR"] = directory;
  // What runs measure is remembered there, and not in the user's home.
  process.env["XDG_CACHE_HOME"] = join(directory, "cache");
  return () => {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  };
}
