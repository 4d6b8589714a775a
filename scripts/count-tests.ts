/**
 * Adds up the JSON reports of Vitest runs: a line for each, named by its file, and `N passed, N failed, N skipped` of all
 * as the last line. Exits with 1 when something failed or nothing passed.
 *
 *     tsx scripts/count-tests.ts embedded.json localstack.json
 */
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import * as z from "zod";

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

function countTests(file: string): Counts {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (text === "") return { passed: 0, failed: 1, skipped: 0 }; // the run ended before it could report
  const report = reportSchema.parse(JSON.parse(text));
  // A file that cannot be loaded has no tests that could fail: it counts as one.
  const unloaded = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

const describe = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

const files = process.argv.slice(2);
if (files.length === 0) throw new Error("usage: tsx scripts/count-tests.ts <report.json>...");
let sum: Counts = { passed: 0, failed: 0, skipped: 0 };
for (const file of files) {
  const counts = countTests(file);
  console.log(`   ${basename(file, ".json").padEnd(16)} ${describe(counts)}`);
  sum = {
    passed: sum.passed + counts.passed,
    failed: sum.failed + counts.failed,
    skipped: sum.skipped + counts.skipped,
  };
}
console.log(describe(sum));
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;
