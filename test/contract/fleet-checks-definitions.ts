/** Checks of clusters, task definitions and tags. */

import { randomUUID } from "node:crypto";
import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  DescribeTaskDefinitionCommand,
  ListTagsForResourceCommand,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-ecs";
import type { RegisterTaskDefinitionCommandInput } from "@aws-sdk/client-ecs";
import { expect } from "vitest";
import type { Check } from "./contract-suite.ts";
import { definition, ecsError } from "./fleet-lab.ts";
import type { FleetLab } from "./fleet-lab.ts";

function registerWith(lab: FleetLab, more: Partial<RegisterTaskDefinitionCommandInput>): Promise<unknown> {
  return lab.client.send(new RegisterTaskDefinitionCommand({ ...definition(lab, ["exit"]), ...more }));
}

export const definitionChecks: readonly Check<FleetLab>[] = [
  {
    id: "cluster",
    title: "a cluster is made, described and deleted, and one that is not there is told as MISSING",
    run: async ({ client }) => {
      const clusterName = `c-${randomUUID()}`;
      const created = await client.send(new CreateClusterCommand({ clusterName, tags: [{ key: "k", value: "v" }] }));
      expect(created.cluster).toMatchObject({ clusterName, status: "ACTIVE" });
      const both = new DescribeClustersCommand({ clusters: [clusterName, "no-such-cluster"] });
      const described = await client.send(both);
      expect(described.clusters).toMatchObject([{ clusterName, runningTasksCount: 0, pendingTasksCount: 0 }]);
      expect(described.failures).toMatchObject([{ reason: "MISSING" }]);
      await client.send(new DeleteClusterCommand({ cluster: clusterName }));
      await expect(client.send(new DeleteClusterCommand({ cluster: "no-such-cluster" }))).rejects.toMatchObject(
        ecsError("ClusterNotFoundException"),
      );
    },
  },
  {
    id: "revisions",
    title: "registering a family again makes its next revision, and the family's name means the latest",
    run: async (lab) => {
      const input = { ...definition(lab, ["exit"]), family: `f-${randomUUID()}` };
      for (const revision of [1, 2]) {
        const reply = await lab.client.send(new RegisterTaskDefinitionCommand(input));
        expect(reply.taskDefinition).toMatchObject({ family: input.family, revision, status: "ACTIVE" });
        expect(reply.taskDefinition?.taskDefinitionArn).toMatch(
          new RegExp(`:task-definition/${input.family}:${revision}$`),
        );
      }
      const describe = new DescribeTaskDefinitionCommand({ taskDefinition: input.family });
      expect((await lab.client.send(describe)).taskDefinition).toMatchObject({
        revision: 2,
        cpu: "256",
        memory: "512",
        networkMode: "awsvpc",
        containerDefinitions: [{ name: "main", image: lab.image, essential: true, command: ["exit"] }],
      });
    },
  },
  {
    id: "deregister",
    title: "a deregistered revision is inactive, stays readable and is not run",
    run: async ({ client, register, run }) => {
      const taskDefinition = await register(["exit"]);
      await client.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
      const described = await client.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
      expect(described.taskDefinition?.status).toBe("INACTIVE");
      await expect(run(taskDefinition)).rejects.toMatchObject(ecsError("ClientException"));
    },
  },
  {
    id: "definition-missing",
    title: "a definition that is not there is refused with ClientException",
    run: async ({ client, run }) => {
      const describe = new DescribeTaskDefinitionCommand({ taskDefinition: "no-such-family" });
      await expect(client.send(describe)).rejects.toMatchObject(ecsError("ClientException"));
      await expect(run("no-such-family:1")).rejects.toMatchObject(ecsError("ClientException"));
    },
  },
  {
    id: "fargate-size",
    title: "only cpu and memory pairs that Fargate has are registered",
    run: async (lab) => {
      for (const [cpu, memory] of [
        ["256", "4096"],
        ["1000", "2048"],
        ["8192", "17408"],
        ["many", "2048"],
      ] as const) {
        await expect(registerWith(lab, { cpu, memory })).rejects.toMatchObject(ecsError("ClientException"));
      }
      await registerWith(lab, { cpu: "4096", memory: "30720" });
      await registerWith(lab, { cpu: "1 vCPU", memory: "3 GB" });
      await registerWith(lab, { cpu: "32768", memory: "61440" });
    },
  },
  {
    id: "fargate-rules",
    title: "Fargate needs awsvpc, sizes, an essential container and no privileges",
    run: async (lab) => {
      const main = { name: "main", image: lab.image };
      for (const wrong of [
        { networkMode: "bridge" },
        { containerDefinitions: [] },
        { containerDefinitions: [{ ...main, essential: false }] },
        { containerDefinitions: [main, main] },
        { containerDefinitions: [{ ...main, privileged: true }] },
        { containerDefinitions: [{ ...main, stopTimeout: 121 }] },
        { containerDefinitions: [{ ...main, memory: 1024 }] },
        { containerDefinitions: Array.from({ length: 11 }, (_, index) => ({ ...main, name: `c${index}` })) },
      ] as const) {
        const more = wrong as unknown as Partial<RegisterTaskDefinitionCommandInput>;
        await expect(registerWith(lab, more), JSON.stringify(wrong)).rejects.toMatchObject(ecsError("ClientException"));
      }
    },
  },
  {
    id: "definition-list",
    title: "definitions are listed by family, page by page, the active ones",
    run: async (lab) => {
      const family = `f-${randomUUID()}`;
      for (let revision = 1; revision <= 3; revision++) await registerWith(lab, { family });
      await lab.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: `${family}:1` }));
      const first = await lab.client.send(new ListTaskDefinitionsCommand({ familyPrefix: family, maxResults: 1 }));
      const next = new ListTaskDefinitionsCommand({ familyPrefix: family, maxResults: 1, nextToken: first.nextToken });
      const second = await lab.client.send(next);
      const arns = [...(first.taskDefinitionArns ?? []), ...(second.taskDefinitionArns ?? [])];
      expect(arns.map((arn) => arn.slice(arn.lastIndexOf(":")))).toEqual([":2", ":3"]);
      expect(second.nextToken).toBeUndefined();
    },
  },
  {
    id: "tags",
    title: "tags are put on a resource, read and taken off",
    run: async ({ client, register }) => {
      const resourceArn = await register(["exit"]);
      const put = [
        { key: "run", value: "r1" },
        { key: "owner", value: "me" },
      ];
      await client.send(new TagResourceCommand({ resourceArn, tags: put }));
      await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ["owner"] }));
      const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn }));
      expect(tags).toEqual([{ key: "run", value: "r1" }]);
    },
  },
];
