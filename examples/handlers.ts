/**
 * Signals and handlers: a task skips what it need not do, a handler hears of each failure, and another decides how the
 * run ends. Handlers run in the driver, whatever the executor.
 *
 *     npx tsx examples/handlers.ts
 *     npx tsx examples/handlers.ts --fargate
 */

import { FargateExecutor, flow, LocalExecutor, SKIP, success, task } from "../src/index.ts";

const check = task(
  "check",
  (page: string) => {
    if (page.endsWith(".pdf")) throw new SKIP("not a web page");
    if (page === "/old") throw new Error("404");
    return page;
  },
  { onFailure: ({ name }, { message }) => console.log(`${name} failed: ${message}`) },
);

export const checkPages = flow(
  "check-pages",
  {
    onFailure: ({ name }, { message }) => console.log(`flow ${name} failed: ${message}`),
    terminalStateHandler: (_flow, state, [pages]) => {
      const broken = pages?.kind === "Mapped" ? (pages.mapStates.counts.Failed ?? 0) : 0;
      return broken > 1 ? state : success(undefined, "one broken link is fine");
    },
  },
  () => check.map(["/", "/docs", "/old", "/paper.pdf"]),
);

const executor = process.argv.includes("--fargate") ? new FargateExecutor() : new LocalExecutor();
const state = await checkPages.run({ executor });
console.log(`${state.kind}: ${state.message}`);
