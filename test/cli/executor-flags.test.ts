import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { type ExecutorFlags, executorOf, withExecutorFlags } from "../../src/cli/executor-flags.ts";

function executorFor(...flags: readonly string[]): ReturnType<typeof executorOf> {
  const command = withExecutorFlags(new Command("test")).exitOverride();
  command.configureOutput({ writeErr: () => undefined }).parse(flags, { from: "user" });
  return executorOf(command.opts<ExecutorFlags>());
}

describe("flags that say how a fleet may scale", () => {
  it("become the executor's adaptKwargs", () => {
    const flags = ["--minimum", "1", "--maximum", "20", "--target-duration", "30s", "--budget", "2.5"];
    const { profile } = executorFor(...flags, "--finish-by", "2999-01-31T18:00:00Z");
    expect(profile?.fleet).toMatchObject({
      minimum: 1,
      maximum: 20,
      targetDurationMs: 30_000,
      budgetUsd: 2.5,
      finishBy: Date.parse("2999-01-31T18:00:00Z"),
    });
    expect(executorFor("--maximum", "none", "--minimum", "2").profile?.fleet).toMatchObject({ minimum: 2 });
  });

  it.each([
    [["--minimum", "-1"], /whole number of at least 0/],
    [["--maximum", "many"], /whole number of at least 1/],
    [["--budget", "0"], /US dollars above 0/],
    [["--target-duration", "soon"], /a time such as/],
    [["--minimum", "5", "--maximum", "2"], /must not be above `maximum`/],
    [["--finish-by", "1999-01-31T18:00:00Z"], /must lie in the future/],
    [["--address", "http://127.0.0.1:1", "--maximum", "2"], /exclude each other/],
  ])("that are wrong are refused before anything starts: %j", (flags, message) => {
    expect(() => executorFor(...flags)).toThrow(message);
  });
});
