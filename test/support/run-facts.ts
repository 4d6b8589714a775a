import type { RunFacts } from "../../src/base/run-facts.ts";

/** Of a run without parameters, of which nobody has asked anything. */
export const plainFacts: RunFacts = {
  flowName: "f",
  runId: "r",
  runName: undefined,
  scheduledStartTimeMs: 0,
  dateMs: 0,
  parameters: {},
  context: {},
  logLevel: "info",
  runnerLogLevel: "off",
};
