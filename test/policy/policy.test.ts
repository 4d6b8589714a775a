/**
 * What the roles may do against what drivers and workers do: every call recorded from whole runs is allowed by the role
 * that makes it, and nothing is allowed that nobody does.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRequestCounter } from "../../src/aws/request-counter.ts";
import { closeClusterClients, openClusterClients } from "../../src/cluster/cluster-clients.ts";
import { findLeftovers } from "../../src/cluster/dead-runs.ts";
import { examine } from "../../src/cluster/preflight/doctor.ts";
import { createRunQueues, removeQueues } from "../../src/cluster/run-queues.ts";
import { FargateExecutor } from "../../src/index.ts";
import { everything, failed, long } from "../e2e/flows/policy.ts";
import { awsOf, labAgent } from "../e2e/shared-lab.ts";
import { allows, type Identity, type Statement, statementsOf } from "../infra/policy.ts";
import { synthesize } from "../infra/synthesize.ts";
import { openPolicyLab, type PolicyLab, type Recorded } from "./policy-lab.ts";
import { formatTable, grantsOf } from "./policy-table.ts";

const page = fileURLToPath(new URL("../../docs/security.md", import.meta.url));
const identities: readonly Identity[] = ["worker", "execution", "driver"];

let statements: Readonly<Record<Identity, readonly Statement[]>>;
let recorded: readonly Recorded[];
let policyLab: PolicyLab;

beforeAll(async () => {
  const arn = (service: string, name: string): string => `arn:aws:${service}:eu-central-1:123456789012:${name}`;
  const template = synthesize({ secrets: `${arn("secretsmanager", "secret:yours")},${arn("ssm", "parameter/yours")}` });
  statements = {
    worker: statementsOf(template, "worker"),
    execution: statementsOf(template, "execution"),
    driver: statementsOf(template, "driver"),
  };
  policyLab = await openPolicyLab();
  await recordRuns(policyLab);
  recorded = policyLab.recorded;
}, 180_000);
afterAll(async () => {
  await policyLab[Symbol.asyncDispose]();
});

async function recordRuns({ lab, faults, agentUri, during }: PolicyLab): Promise<void> {
  const aws = awsOf(lab.cloud);
  const temporary = new FargateExecutor({
    clusterClass: "FargateCluster",
    clusterKwargs: {
      ...aws,
      image: "acme/other:1",
      architecture: "X86_64",
      nWorkers: 2,
      leaseMs: 10_000,
      watchMs: 1_000,
    },
  });
  await during("temporary cluster", async () => {
    const { kind, result } = await everything.run({ executor: temporary });
    expect([kind, result.texts.map(({ length }) => length)]).toEqual(["Success", [300_000, 10]]);
  });
  await during("calls fail", async () => {
    expect((await failed.run({ executor: temporary })).kind).toBe("Failed");
  });
  await during("cancelled", async () => {
    const controller = new AbortController();
    const running = long.run({
      parameters: { ms: 600_000 },
      executor: temporary,
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === "executor" && event.event.kind === "worker-joined") controller.abort();
      },
    });
    expect((await running).kind).toBe("Cancelled");
  });
  await during("start fails half-way", async () => {
    faults.refuse("sqs:CreateQueue", { kind: "error", code: "OverLimit", message: "too many queues" }, 1);
    await expect(failed.run({ executor: temporary })).rejects.toThrow("too many queues");
  });
  await during("shared cluster", async () => {
    await lab.startWorkers(2, { ECS_AGENT_URI: agentUri });
    expect((await everything.run({ executor: lab.executor })).kind).toBe("Success");
  });
  await during("cleanup", async () => {
    await leaveBehind(lab);
    const clients = openClusterClients(aws, createRequestCounter());
    const place = { clients, bucket: "the-bucket", ecsCluster: "Cloudburst", olderThanMs: 0 };
    const found = await findLeftovers({ ...place, signal: new AbortController().signal });
    expect(found.queues.map(({ name }) => name)).toEqual(["cloudburst-dead-notices", "cloudburst-dead-tasks"]);
    await removeQueues(clients.sqs, found.queues);
    closeClusterClients(clients);
  });
  await during("doctor", async () => {
    const findings = await examine({ aws, stack: "Cloudburst", signal: new AbortController().signal });
    expect(findings.find(({ check }) => check === "queues")?.status).toBe("ok");
  });
}

/** Queues of a run that is long dead: its lease is gone as well. */
async function leaveBehind({ cloud }: PolicyLab["lab"]): Promise<void> {
  const sqs = new SQSClient({ ...awsOf(cloud), customUserAgent: labAgent });
  await createRunQueues(sqs, { runId: "dead", driver: 1, leaseMs: 10_000, bucket: "the-bucket", tags: {} });
  sqs.destroy();
}

describe("the roles of drivers and workers", () => {
  it("allow every call that was made", () => {
    const denied = recorded
      .filter(
        ({ caller, permission: { action, resource, keys } }) => !allows(statements[caller], action, resource, keys),
      )
      .map(
        ({ caller, permission, scenario }) => `${caller}: ${permission.action} on ${permission.resource} (${scenario})`,
      );
    expect([...new Set(denied)]).toEqual([]);
  });

  it("have seen both of them at work", () => {
    for (const caller of ["driver", "worker"] as const) {
      const actions = new Set(
        recorded.filter((call) => call.caller === caller).map(({ permission }) => permission.action),
      );
      expect(actions.size).toBeGreaterThan(5);
    }
  });

  it("allow nothing that nobody does, on no resource, but for what has a reason", () => {
    const unused = identities
      .flatMap((identity) => grantsOf(identity, statements[identity], recorded))
      .filter(({ seenIn, reason }) => seenIn === undefined && reason === undefined);
    expect(unused.map(({ identity, sid, action, resource }) => `${identity} ${sid}: ${action} on ${resource}`)).toEqual(
      [],
    );
  });

  it("are what docs/security.md says, table and all (UPDATE_POLICY_TABLE=1 writes it)", () => {
    const table = formatTable(identities.flatMap((identity) => grantsOf(identity, statements[identity], recorded)));
    const text = readFileSync(page, "utf8");
    const [before = "", , after = ""] = text.split(/(<!-- policy table -->\n[^]*?<!-- end -->)/);
    const written = `${before}<!-- policy table -->\n\n${table}\n\n<!-- end -->${after}`;
    if (process.env["UPDATE_POLICY_TABLE"] !== undefined) writeFileSync(page, written);
    expect(readFileSync(page, "utf8")).toBe(written);
  });
});
