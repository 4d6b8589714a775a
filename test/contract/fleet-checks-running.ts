/** Checks of the lives of tasks: these start real containers. */

import { randomUUID } from "node:crypto";
import { DescribeTasksCommand, ListTasksCommand, StopTaskCommand } from "@aws-sdk/client-ecs";
import { expect } from "vitest";
import type { Check } from "./contract-suite.ts";
import { arnOf, ecsError } from "./fleet-lab.ts";
import type { FleetLab } from "./fleet-lab.ts";

export const runningChecks: readonly Check<FleetLab>[] = [
  {
    id: "run-exit",
    title: "a task runs to the end of its essential container, and tells the exit code and why it stopped",
    run: async ({ register, run, reach }) => {
      const [started] = await run(await register(["exit"], { environment: [{ name: "EXIT_CODE", value: "3" }] }));
      expect(started).toMatchObject({ lastStatus: "PROVISIONING", desiredStatus: "RUNNING", launchType: "FARGATE" });
      const task = await reach(arnOf(started), "STOPPED");
      expect(task).toMatchObject({
        desiredStatus: "STOPPED",
        stopCode: "EssentialContainerExited",
        containers: [{ name: "main", lastStatus: "STOPPED", exitCode: 3 }],
      });
      const times = [task.createdAt, task.pullStartedAt, task.startedAt, task.stoppingAt, task.stoppedAt];
      const inOrder = times.map((time) => time?.getTime() ?? NaN);
      expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
    },
  },
  {
    id: "run-environment",
    title: "an override replaces a variable of the definition",
    run: async ({ register, run, reach }) => {
      const definition = await register(["exit"], { environment: [{ name: "EXIT_CODE", value: "3" }] });
      const environment = [{ name: "EXIT_CODE", value: "4" }];
      const [started] = await run(definition, { overrides: { containerOverrides: [{ name: "main", environment }] } });
      expect((await reach(arnOf(started), "STOPPED")).containers).toMatchObject([{ exitCode: 4 }]);
    },
  },
  {
    id: "run-command",
    title: "an override replaces the command of the definition",
    run: async ({ register, run, reach }) => {
      const overrides = { containerOverrides: [{ name: "main", command: ["fail"] }] };
      const [started] = await run(await register(["exit"]), { overrides });
      expect((await reach(arnOf(started), "STOPPED")).containers).toMatchObject([{ exitCode: 3 }]);
    },
  },
  {
    id: "run-count",
    title: "one request runs several tasks",
    run: async ({ register, run, reach }) => {
      const tasks = await run(await register(["exit"]), { count: 3 });
      expect(new Set(tasks.map(arnOf)).size).toBe(3);
      for (const task of tasks) await reach(arnOf(task), "STOPPED");
    },
  },
  {
    id: "run-token",
    title: "the same client token runs no second task, and refuses other parameters with the tasks it stands for",
    run: async ({ register, run }) => {
      const definition = await register(["exit"]);
      const clientToken = randomUUID();
      const [first] = await run(definition, { clientToken });
      const [second] = await run(definition, { clientToken });
      expect(second?.taskArn).toBe(first?.taskArn);
      await expect(run(definition, { clientToken, count: 2 })).rejects.toMatchObject({
        ...ecsError("ConflictException"),
        resourceIds: [first?.taskArn],
      });
    },
  },
  {
    id: "run-spot",
    title: "a task of a capacity provider tells which one",
    run: async ({ register, run, reach }) => {
      const [task] = await run(await register(["exit"]), {
        launchType: undefined,
        capacityProviderStrategy: [{ capacityProvider: "FARGATE_SPOT", weight: 1 }],
      });
      expect(await reach(arnOf(task), "STOPPED")).toMatchObject({ capacityProviderName: "FARGATE_SPOT" });
    },
  },
  {
    id: "stop",
    title: "StopTask sends SIGTERM, and the task tells the given reason and the container's exit code",
    run: async ({ client, cluster, register, run, reach }) => {
      const [started] = await run(await register(["wait"]));
      const arn = arnOf(started);
      await reach(arn, "RUNNING");
      const reply = await client.send(new StopTaskCommand({ cluster, task: arn, reason: "no more work" }));
      expect(reply.task).toMatchObject({ taskArn: arn, desiredStatus: "STOPPED" });
      expect(await reach(arn, "STOPPED")).toMatchObject({
        stopCode: "UserInitiated",
        stoppedReason: "no more work",
        containers: [{ lastStatus: "STOPPED" }],
      });
    },
  },
  {
    id: "stop-unknown",
    title: "stopping a task that is not there is refused",
    run: async ({ client, cluster }) => {
      const command = new StopTaskCommand({ cluster, task: "0123456789abcdef0123456789abcdef" });
      await expect(client.send(command)).rejects.toMatchObject(ecsError("InvalidParameterException"));
    },
  },
  {
    id: "list-started-by",
    title: "the live tasks of a run are found by who started them, page by page",
    run: async ({ client, cluster, register, run, reach }) => {
      const startedBy = `run/${randomUUID()}`;
      const arns = (await run(await register(["wait"]), { count: 3, startedBy })).map(arnOf);
      const first = await client.send(new ListTasksCommand({ cluster, startedBy, maxResults: 2 }));
      const next = new ListTasksCommand({ cluster, startedBy, maxResults: 2, nextToken: first.nextToken });
      const second = await client.send(next);
      expect([...(first.taskArns ?? []), ...(second.taskArns ?? [])].sort()).toEqual([...arns].sort());
      for (const task of arns) await client.send(new StopTaskCommand({ cluster, task }));
      expect((await client.send(new ListTasksCommand({ cluster, startedBy }))).taskArns).toEqual([]);
      for (const task of arns) await reach(task, "STOPPED");
      const stopped = await client.send(new ListTasksCommand({ cluster, desiredStatus: "STOPPED" }));
      expect(stopped.taskArns).toEqual(expect.arrayContaining(arns));
    },
  },
  {
    id: "list-filters",
    title: "startedBy is the only filter of a list, or is refused",
    run: async ({ client, cluster }) => {
      const command = new ListTasksCommand({ cluster, startedBy: "run", desiredStatus: "STOPPED" });
      await expect(client.send(command)).rejects.toMatchObject(ecsError("InvalidParameterException"));
    },
  },
  {
    id: "describe",
    title: "tasks are described up to 100 at once, and one that is not there is told as MISSING",
    run: async ({ client, cluster, register, run }) => {
      const [started] = await run(await register(["exit"]), { tags: [{ key: "k", value: "v" }] });
      const unknown = arnOf(started).replace(/[^/]+$/, "0123456789abcdef0123456789abcdef");
      const input = { cluster, tasks: [arnOf(started), unknown] };
      const reply = await client.send(new DescribeTasksCommand({ ...input, include: ["TAGS"] }));
      expect(reply.tasks).toMatchObject([{ taskArn: arnOf(started), tags: [{ key: "k", value: "v" }] }]);
      expect(reply.failures).toMatchObject([{ arn: unknown, reason: "MISSING" }]);
      for (const tasks of [[], Array.from({ length: 101 }, () => unknown)]) {
        await expect(client.send(new DescribeTasksCommand({ cluster, tasks }))).rejects.toMatchObject(
          ecsError("InvalidParameterException"),
        );
      }
    },
  },
];
