/** Each example is run as its page says, in a process of its own. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { runTool } from "../../scripts/run-tool.ts";

const folder = new URL("../../examples/", import.meta.url);
const page = readFileSync(new URL("README.md", folder), "utf8");

/** What one line of the output is like. The demo takes a minute, and has tests of its own. */
const runs: readonly (readonly [command: string, line: RegExp])[] = [
  ["adaptive-scaling.ts", /^Success: 200 calls on \d workers/mu],
  ["context-and-log.ts", /^Success: Hello Ada \(greet\[0\]\), Hello Grace \(greet\[1\]\), Hello Edsger/mu],
  ["context-and-log.ts --fargate", /INFO - greet\[1\] \| attempt 2, for acme$/mu],
  ["control-flow.ts", /^Success: A goes by post, B goes by ship$/mu],
  ["control-flow.ts --fargate", /^Success: A goes by post, B goes by ship$/mu],
  ["handlers.ts", /^Success: one broken link is fine$/mu],
  ["handlers.ts --fargate", /^check\[2\] failed: .*404$/mu],
  ["kept-results.ts", /^Success: 2 reports, then Success: 3 reports$/mu],
  ["loops.ts --fargate", /^√144 = 12 after/mu],
  ["map-add-sum.ts --fargate", /^Success: the sum is 9900, after/mu],
  ["parallel-execution-imperative.ts --fargate", /^stop → RandomNumber-1 as stop$[^]*^Success: the sum is \d+$/mu],
  ["parallel-execution.ts", /^Success: the sum is \d+$/mu],
  ["parallel-execution.ts --fargate", /^Success: the sum is \d+$/mu],
  [
    "state-handlers.ts --fargate",
    /deliver\[1\]: Running → Retrying[^]*deliver\[1\]: Running → Retrying[^]*^delivered to a busy street\nreturned to sender$/mu,
  ],
];

it.each(runs)("%s", { timeout: 60_000 }, async (command, line) => {
  const { exitCode, output } = await runTool("node", ["--import", "tsx", ...`examples/${command}`.split(" ")]);
  expect(output).toMatch(line);
  expect(exitCode).toBe(0);
});

it("every example has a chapter of examples/README.md, and is run here", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  const chapters = [...page.matchAll(/^## \[([\w-]+\.ts)\]/gmu)].map(([, name]) => name);
  expect(chapters.sort()).toEqual(files);
  const run = runs.map(([command]) => command.split(" ")[0]);
  expect([...new Set(run), "demo.ts"].sort()).toEqual(files);
});
