/** Checks of what `RunTask` refuses: nothing may be started by any of these. */

import { ListTasksCommand } from "@aws-sdk/client-ecs";
import type { RunTaskCommandInput } from "@aws-sdk/client-ecs";
import { expect } from "vitest";
import type { Check } from "./contract-suite.ts";
import { ecsError } from "./fleet-lab.ts";
import type { FleetLab } from "./fleet-lab.ts";

interface Refusal {
  readonly id: string;
  readonly title: string;
  readonly input: Partial<RunTaskCommandInput>;
  readonly error: string;
}

const long = (length: number): string => "x".repeat(length);

function override(environment: string, name = "main"): Partial<RunTaskCommandInput> {
  return { overrides: { containerOverrides: [{ name, environment: [{ name: "V", value: environment }] }] } };
}

const spot = { capacityProvider: "FARGATE_SPOT", weight: 1 };

const refusals: readonly Refusal[] = [
  { id: "refuse-count", title: "eleven tasks", input: { count: 11 }, error: "InvalidParameterException" },
  { id: "refuse-none", title: "no tasks", input: { count: 0 }, error: "InvalidParameterException" },
  {
    id: "refuse-overrides",
    title: "overrides of more than 8192 characters",
    input: override(long(8192)),
    error: "InvalidParameterException",
  },
  {
    id: "refuse-container",
    title: "overrides of a container that the definition does not have",
    input: override("x", "other"),
    error: "InvalidParameterException",
  },
  {
    id: "refuse-size",
    title: "an override to a size that Fargate does not have",
    input: { overrides: { cpu: "256", memory: "8192" } },
    error: "ClientException",
  },
  {
    id: "refuse-started-by",
    title: "a startedBy of 129 characters",
    input: { startedBy: long(129) },
    error: "InvalidParameterException",
  },
  {
    id: "refuse-started-by-letters",
    title: "a startedBy with a space",
    input: { startedBy: "a run" },
    error: "InvalidParameterException",
  },
  {
    id: "refuse-token",
    title: "a client token of 65 characters",
    input: { clientToken: long(65) },
    error: "InvalidParameterException",
  },
  {
    id: "refuse-two-placements",
    title: "a launch type together with a capacity provider strategy",
    input: { capacityProviderStrategy: [spot] },
    error: "InvalidParameterException",
  },
  {
    id: "refuse-provider",
    title: "a capacity provider that the cluster does not have",
    input: { launchType: undefined, capacityProviderStrategy: [{ capacityProvider: "OTHER", weight: 1 }] },
    error: "InvalidParameterException",
  },
  {
    id: "refuse-network",
    title: "no network configuration",
    input: { networkConfiguration: undefined },
    error: "InvalidParameterException",
  },
  {
    id: "refuse-tags",
    title: "more than 50 tags",
    input: { tags: Array.from({ length: 51 }, (_, index) => ({ key: `k${index}`, value: "v" })) },
    error: "InvalidParameterException",
  },
  {
    id: "refuse-cluster",
    title: "a cluster that is not there",
    input: { cluster: "no-such-cluster" },
    error: "ClusterNotFoundException",
  },
];

export const refusalChecks: readonly Check<FleetLab>[] = refusals.map(({ id, title, input, error }) => ({
  id,
  title: `RunTask with ${title} is refused with ${error}, and starts nothing`,
  run: async ({ client, cluster, register, run }) => {
    const definition = await register(["wait"]);
    await expect(run(definition, input)).rejects.toMatchObject(ecsError(error));
    const family = definition.replace(/^.*\/|:\d+$/g, "");
    expect((await client.send(new ListTasksCommand({ cluster, family }))).taskArns).toEqual([]);
  },
}));
