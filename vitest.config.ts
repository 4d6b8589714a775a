import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { TierReporter } from "./scripts/tier-reporter.ts";

/** Where CI wants the JSON report from which it counts the tests. */
const report = process.env["CLOUDBURST_TEST_REPORT"];
const jsonReporter: ["json", { outputFile: string }][] = report === undefined ? [] : [["json", { outputFile: report }]];

/** Tests that start worker processes or speak to a cloud over HTTP have rooms of their own; the rest are unit tests. */
const contract = ["test/contract/**/*.test.ts", "test/**/*.contract.test.ts"];
const endToEnd = ["test/e2e/**/*.test.ts", "test/policy/**/*.test.ts"];
/** Tiers of their own, which `npm test` leaves out: they need what a script has to install and start. */
const tiers = ["localstack", "containers"] as const;
const filesOf = (tier: string) => `test/${tier}/**/*.test.ts`;

export default defineConfig({
  test: {
    // Worker processes and their threads load the host enough; a slow machine must not fail a test.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    globalSetup: "test/support/temporary-directory.ts",
    // The default leaves a core free, which is half of a machine that has two.
    maxWorkers: availableParallelism(),
    env: {
      // The SDK's advice to upgrade Node is no test's business.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      // Tests leave no records of their runs in the user's home; those that look at records say where.
      CLOUDBURST__RECORDS__KEEP: "0",
    },
    reporters: ["default", new TierReporter(), ...jsonReporter],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...contract, ...endToEnd, ...tiers.map(filesOf)],
          // The CDK and the SDK are loaded once a process, not once a file: nothing of ours lives in its modules.
          isolate: false,
        },
      },
      { extends: true, test: { name: "contract", include: contract } },
      { extends: true, test: { name: "end-to-end", include: endToEnd } },
      // One file after the other: their clouds are slow, and shared.
      ...tiers.map((name) => ({
        extends: true as const,
        test: {
          name: `with-${name}`,
          include: [filesOf(name)],
          fileParallelism: false,
          hookTimeout: 120_000,
        },
      })),
      {
        extends: true,
        test: {
          name: "types",
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ["test/types/**/*.test-d.ts"],
            tsconfig: "./tsconfig.types.json",
          },
        },
      },
    ],
  },
});
