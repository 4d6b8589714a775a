/**
 * Every check but the tests: `npm run verify`. One line per check; the full output only of what failed.
 * Two lanes, since the package checks need the build and nothing else does.
 */
import { runTool } from "./run-tool.ts";

interface Check {
  readonly name: string;
  readonly tool: string;
  readonly args: readonly string[];
}

const sourceChecks: readonly Check[] = [
  { name: "format (prettier)", tool: "prettier", args: ["--check", "--log-level", "warn", "."] },
  { name: "import directions (dependency-cruiser)", tool: "npm", args: ["run", "--silent", "check:imports"] },
  { name: "unused code and dependencies (knip)", tool: "knip", args: [] },
  { name: "lint (eslint)", tool: "npm", args: ["run", "--silent", "lint"] },
];

/** Each needs the one before it. */
const packageChecks: readonly Check[] = [
  { name: "types (tsc)", tool: "tsc", args: ["-p", "."] },
  { name: "build", tool: "npm", args: ["run", "--silent", "build"] },
  { name: "package (publint, attw)", tool: "npm", args: ["run", "--silent", "check:package"] },
];

async function passes({ name, tool, args }: Check): Promise<boolean> {
  const startedAt = performance.now();
  const { exitCode, output } = await runTool(tool, args);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
  console.log(`${exitCode === 0 ? "ok    " : "FAILED"} ${seconds} s  ${name}`);
  if (exitCode !== 0) console.log(output.trimEnd().replace(/^/gm, "    "));
  return exitCode === 0;
}

async function lane(checks: readonly Check[], stopAtFailure: boolean): Promise<boolean> {
  let allPassed = true;
  for (const check of checks) {
    if (!allPassed && stopAtFailure) console.log(`skipped         ${check.name}`);
    else allPassed = (await passes(check)) && allPassed;
  }
  return allPassed;
}

const lanes = await Promise.all([lane(sourceChecks, false), lane(packageChecks, true)]);
process.exitCode = lanes.every(Boolean) ? 0 : 1;
