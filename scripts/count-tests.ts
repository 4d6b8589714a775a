/**
 * Reads the JSON report of a Vitest run and prints `N passed, N failed, N skipped` as the last line; exits 1 when
 * something failed or no test passed. `tsx scripts/count-tests.ts <report.json>`.
 */
import { readFileSync } from "node:fs";
import * as z from "zod";

const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

const file = process.argv[2];
if (file === undefined) throw new Error("usage: tsx scripts/count-tests.ts <report.json>");
const text = readFileSync(file, "utf8");
if (text === "") {
  console.log("0 passed, 1 failed, 0 skipped"); // the run ended before it could report
  process.exit(1);
}
const report = reportSchema.parse(JSON.parse(text));

// A file that cannot be loaded has no tests that could fail: it counts as one.
const unloaded = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
const failed = report.numFailedTests + unloaded.length;
const skipped = report.numPendingTests + report.numTodoTests;
console.log(`${String(report.numPassedTests)} passed, ${String(failed)} failed, ${String(skipped)} skipped`);
process.exitCode = failed > 0 || report.numPassedTests === 0 ? 1 : 0;
