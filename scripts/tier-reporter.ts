import type { Reporter, TestModule } from "vitest/node";

type Counts = Record<"passed" | "failed" | "skipped", number>;

/** A Vitest reporter that says at the end how many tests of each tier (Vitest project) ran. */
export class TierReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tiers = new Map<string, Counts>();
    for (const module of modules) count(module, tierOf(tiers, module.project.name));
    console.log("\n Tiers");
    for (const [name, { passed, failed, skipped }] of [...tiers].sort()) {
      console.log(
        `   ${name.padEnd(16)} ${String(passed)} passed, ${String(failed)} failed, ${String(skipped)} skipped`,
      );
    }
  }
}

function tierOf(tiers: Map<string, Counts>, name: string): Counts {
  const known = tiers.get(name);
  if (known !== undefined) return known;
  const counts = { passed: 0, failed: 0, skipped: 0 };
  tiers.set(name, counts);
  return counts;
}

function count(module: TestModule, counts: Counts): void {
  // A file that cannot be loaded has no tests, and is a failure all the same.
  if (module.errors().length > 0) counts.failed += 1;
  for (const test of module.children.allTests()) {
    const state = test.result().state;
    counts[state === "pending" ? "skipped" : state] += 1;
  }
}
