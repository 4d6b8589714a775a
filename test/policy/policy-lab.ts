/** The stack's account in the embedded cloud, which takes down who asked AWS for what. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { EmbeddedFaults } from "../../src/embedded/failures.ts";
import type { SeenRequest } from "../../src/embedded/cloud.ts";
import { stackOutputs } from "../../src/cluster/stack-outputs.ts";
import { labAgent, openSharedLab, type SharedLab } from "../e2e/shared-lab.ts";
import { type Permission, permissionsFor, type RolesByFamily } from "./permissions.ts";

export type Caller = "driver" | "worker";

export interface Recorded {
  readonly caller: Caller;
  readonly permission: Permission;
  /** What was going on, by the name given to `during`. */
  readonly scenario: string;
}

export interface PolicyLab extends AsyncDisposable {
  readonly lab: SharedLab;
  readonly faults: EmbeddedFaults;
  readonly recorded: readonly Recorded[];
  /** URI of an ECS agent, which protects tasks by asking ECS with the worker's role. */
  readonly agentUri: string;
  during<T>(scenario: string, act: () => Promise<T>): Promise<T>;
}

/** As `test/infra/concrete.ts` names what CloudFormation would name. */
const account = "123456789012";
const names = { bucket: "the-bucket", ecsCluster: "Cloudburst", queue: "the-shared-queue" };
const outputs = {
  [stackOutputs.taskDefinitionFamily]: "Cloudburst-worker",
  [stackOutputs.taskDefinitionPrefix]: "Cloudburst-",
  [stackOutputs.image]: "acme/worker:1",
  [stackOutputs.architecture]: "ARM64",
  [stackOutputs.assignPublicIp]: "ENABLED",
  [stackOutputs.logGroup]: "the-log-group",
  [stackOutputs.workerRoleArn]: `arn:aws:iam::${account}:role/the-worker-role`,
  [stackOutputs.executionRoleArn]: `arn:aws:iam::${account}:role/the-execution-role`,
};

export async function openPolicyLab(): Promise<PolicyLab> {
  const faults = new EmbeddedFaults();
  const recorded: Recorded[] = [];
  const roles: RolesByFamily = new Map();
  let scenario = "";
  let driverKey = "";
  const record = (caller: Caller, permission: Permission): void => void recorded.push({ caller, permission, scenario });
  const onRequest = (seen: SeenRequest): void => {
    if (seen.request.headers["user-agent"]?.includes(labAgent) === true) return; // the test's own
    const caller = seen.accessKeyId === driverKey ? "driver" : "worker";
    for (const permission of permissionsFor(seen, roles)) record(caller, permission);
  };
  const lab = await openSharedLab({ names, outputs, faults, onRequest });
  driverKey = lab.cloud.credentials.accessKeyId;
  const agent = await startAgent(() =>
    record("worker", {
      action: "ecs:UpdateTaskProtection",
      resource: `arn:aws:ecs:eu-central-1:${account}:task/${names.ecsCluster}/0`,
      keys: { "ecs:cluster": `arn:aws:ecs:eu-central-1:${account}:cluster/${names.ecsCluster}` },
    }),
  );
  return {
    lab,
    faults,
    recorded,
    agentUri: `http://127.0.0.1:${String((agent.address() as AddressInfo).port)}/api/token`,
    during: async (name, act) => {
      scenario = name;
      return await act();
    },
    [Symbol.asyncDispose]: async () => {
      agent.close();
      await lab[Symbol.asyncDispose]();
    },
  };
}

async function startAgent(asked: () => void): Promise<Server> {
  const agent = createServer((request, response) => {
    if (request.method === "PUT" && request.url?.endsWith("/task-protection/v1/state") === true) asked();
    request.resume();
    response.end("{}");
  });
  await new Promise<void>((resolve) => agent.listen(0, "127.0.0.1", resolve));
  return agent;
}
