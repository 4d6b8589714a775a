import { execFile } from "node:child_process";
import { appendFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloudburst as runCommand, type Ended } from "../support/command-line.ts";

const flows = fileURLToPath(new URL("flows/recorded.ts", import.meta.url));
const loader = import.meta.resolve("tsx");

let home: string;
let runId: string;

const cloudburst = async (...args: readonly string[]): Promise<Ended> =>
  await runCommand(args, { env: { HOME: home } });

/** Runs the flow as a script, in a process and a home of its own. */
async function record(): Promise<void> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS_|CLOUDBURST__|XDG_)/u.test(name));
  const env = { ...Object.fromEntries(kept), HOME: home, AWS_EC2_METADATA_DISABLED: "true" };
  const { stderr } = await promisify(execFile)(process.execPath, ["--import", loader, flows, "run"], { env });
  expect(stderr).not.toContain("not recorded");
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "cloudburst-planning-"));
  await record();
  const [file = ""] = await readdir(join(home, ".local/state/cloudburst/runs"));
  runId = file.replace(".jsonl", "");
}, 60_000);

afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

describe("a recorded run", () => {
  it("is listed", async () => {
    const { stdout } = await cloudburst("runs");
    expect(stdout).toMatch(new RegExp(`^${runId} .* recorded +local +Success `, "mu"));
  });

  it("tells why it had its workers, also at a time", async () => {
    const { stdout } = await cloudburst("why", "last");
    expect(stdout).toContain(`recorded, run ${runId}, started `);
    expect(stdout).toMatch(/^ *after +target +there +starting +decided by$/mu);
    expect(stdout).toMatch(/Success after .*; limited by /u);
    const at = await cloudburst("why", runId.slice(0, 20), "1h");
    expect(at.stdout).toMatch(/^target \d+, \d+ there, \d+ starting; decided by: /mu);
  });

  it("is replayed as it was, and with other settings", async () => {
    const { stdout } = await cloudburst("simulate", "last", "--workers", "4", "--spot");
    expect(stdout).toMatch(/^recorded .*\nsimulated as it was .*\nsimulated otherwise /mu);
    expect(stdout).toMatch(/the simulator's own error: [+-]?\d+ % in time, [+-]?\d+ % in cost/u);
  });

  it("has nothing of the environment in it that is secret", async () => {
    const text = await readFile(join(home, ".local/state/cloudburst/runs", `${runId}.jsonl`), "utf8");
    expect(text).not.toMatch(/secret|accessKey|credential/iu);
  });

  it("serves the next plan with what was measured", async () => {
    const { stdout } = await cloudburst("plan", flows, "--flow", "recorded", "--workers", "2");
    expect(stdout).toMatch(/wait-1 +40 x \d+ ms \(as measured before\)/u);
    expect(stdout).toMatch(/^ +wall time +.* likely, .* low, .* high$/mu);
    expect(await readdir(join(home, ".local/state/cloudburst/runs"))).toEqual([`${runId}.jsonl`]); // nothing was run
    const remembered = await readFile(join(home, ".cache/cloudburst/past-runs.json"), "utf8");
    expect(remembered).toMatch(/"overheads":\[\{"openMs":\d+,"readyMs":\d+,"closeMs":\d+,"chunkMs":[\d.]+\}\]/u);
  });
});

describe("what makes no sense", () => {
  const refused = async (message: string, ...args: readonly string[]): Promise<void> => {
    const { exitCode, stderr } = await cloudburst(...args);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(1);
  };

  it("is refused by its name: runs, times, flags", async () => {
    await refused('there is no run "nosuch"', "why", "nosuch");
    await refused("the time must be one after the run's start", "why", "last", "noon");
    await refused("--spot and --on-demand exclude each other", "simulate", "last", "--spot", "--on-demand");
    await refused("--workers fixes the fleet", "simulate", "last", "--workers", "3", "--maximum", "4");
    await refused("it must be a whole number of at least 1", "simulate", "last", "--maximum", "0");
  });

  it("is refused by its name: what a plan is given", async () => {
    await refused('has no mapped task "nosuch"', "plan", flows, "--flow", "recorded", "--width", "nosuch=3");
    await refused(
      "wait must be a whole number of at least 0, got NaN",
      "plan",
      flows,
      "--flow",
      "recorded",
      "--width",
      "wait=",
    );
    await refused('has no task "nosuch"', "plan", flows, "--flow", "recorded", "--estimate", "nosuch=3s");
    await refused(
      "Cannot specify `address`",
      "plan",
      flows,
      "--flow",
      "recorded",
      "--address",
      "fargate://x",
      "--workers",
      "3",
    );
  });

  it("does not keep a plan from telling what it knows", async () => {
    const { stdout, exitCode } = await cloudburst("plan", flows, "--flow", "unknown-width");
    expect(stdout).toContain("how many calls wait-1 has is known only when the flow runs (give --width wait=<calls>");
    expect(exitCode).toBe(0);
  });

  it("names the line of a record that is corrupt", async () => {
    await appendFile(join(home, ".local/state/cloudburst/runs", `${runId}.jsonl`), "{nonsense\n");
    await refused("the line is no JSON", "why", "last");
    expect((await cloudburst("runs")).stdout).toContain("cannot be read");
  });
});
