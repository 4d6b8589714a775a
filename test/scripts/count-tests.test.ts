import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { scratchDirectory } from "../support/scratch.ts";

const script = fileURLToPath(new URL("../../scripts/count-tests.ts", import.meta.url));
const loader = import.meta.resolve("tsx");
const directory = scratchDirectory();

interface Numbers {
  readonly passed?: number;
  readonly failed?: number;
  readonly skipped?: number;
  readonly todo?: number;
  /** Files that could not be loaded. */
  readonly unloaded?: number;
}

function report(name: string, numbers: Numbers): string {
  const { passed = 0, failed = 0, skipped = 0, todo = 0, unloaded = 0 } = numbers;
  const file = join(directory, `${name}.json`);
  const testResults = Array.from({ length: unloaded }, () => ({ status: "failed", assertionResults: [] }));
  const counts = { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped, numTodoTests: todo };
  writeFileSync(file, JSON.stringify({ ...counts, testResults }));
  return file;
}

async function countTests(...files: readonly string[]): Promise<{ exitCode: number; lines: readonly string[] }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ["--import", loader, script, ...files], (error, stdout) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), lines: stdout.trimEnd().split("\n") });
    });
  });
}

it("reports are told one by one and added up in the last line", async () => {
  const { exitCode, lines } = await countTests(
    report("embedded", { passed: 10, skipped: 1, todo: 1 }),
    report("localstack", { passed: 5, skipped: 3 }),
  );
  expect(lines[0]).toMatch(/^ +embedded +10 passed, 0 failed, 2 skipped$/);
  expect(lines.at(-1)).toBe("15 passed, 0 failed, 5 skipped");
  expect(exitCode).toBe(0);
});

it("a report that is missing or empty, and a file that could not be loaded, count as one failed test each", async () => {
  const empty = join(directory, "empty.json");
  writeFileSync(empty, "");
  const broken = report("broken", { passed: 2, failed: 1, unloaded: 1 });
  const { exitCode, lines } = await countTests(broken, empty, join(directory, "missing.json"));
  expect(lines.at(-1)).toBe("2 passed, 4 failed, 0 skipped");
  expect(exitCode).toBe(1);
});

it("no test that passed is a failure: nothing has been shown", async () => {
  const { exitCode, lines } = await countTests(report("skipped", { skipped: 7 }));
  expect(lines.at(-1)).toBe("0 passed, 0 failed, 7 skipped");
  expect(exitCode).toBe(1);
});
