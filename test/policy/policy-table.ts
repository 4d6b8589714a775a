/** Every action that a role allows, on each of its resources, with the run that needs it or the reason why none does. */
import { allows, type Identity, listed, type Statement } from "../infra/policy.ts";
import type { Recorded } from "./policy-lab.ts";

export interface Grant {
  readonly identity: Identity;
  readonly sid: string;
  readonly action: string;
  /** Pattern, as the statement has it. */
  readonly resource: string;
  /** The first run in which it was needed. */
  readonly seenIn: string | undefined;
  /** Why it is there although no run needs it. */
  readonly reason: string | undefined;
}

/** By identity and action, and the last part of the resource where it is not for all of them. */
const reasons: Readonly<Record<string, string>> = {
  "worker s3:AbortMultipartUpload": "an upload of 100 MB or more that breaks off",
  "worker ecs:GetTaskProtection": "ECS's agent in the container, which asks with this role",
  "driver s3:AbortMultipartUpload": "an upload of 100 MB or more that breaks off",
  "driver sqs:GetQueueAttributes cloudburst-*-tasks": "a chunk of which nothing is heard for three leases",
};
const agent = "Fargate's agent, before and beside the container";

export function grantsOf(identity: Identity, statements: readonly Statement[], recorded: readonly Recorded[]): Grant[] {
  return statements.flatMap((statement) =>
    listed(statement.Action).flatMap((action) =>
      listed(statement.Resource).map((resource) => ({
        identity,
        sid: statement.Sid,
        action,
        resource,
        seenIn: firstUse(identity, { ...statement, Action: action, Resource: resource }, recorded),
        reason: reasonFor(identity, action, resource),
      })),
    ),
  );
}

function firstUse(identity: Identity, one: Statement, recorded: readonly Recorded[]): string | undefined {
  return recorded.find(
    ({ caller, permission: { action, resource, keys } }) =>
      caller === identity && allows([one], action, resource, keys),
  )?.scenario;
}

function reasonFor(identity: Identity, action: string, resource: string): string | undefined {
  if (identity === "execution") return agent;
  return reasons[`${identity} ${action} ${resource.split(":").at(-1) ?? ""}`] ?? reasons[`${identity} ${action}`];
}

/** In Markdown, columns as wide as Prettier makes them. */
export function formatTable(grants: readonly Grant[]): string {
  const rows = grants.map(({ identity, action, resource, seenIn, reason }) => [
    identity,
    `\`${action}\``,
    `\`${shortened(resource)}\``,
    reason ?? seenIn ?? "",
  ]);
  const all = [["who", "action", "on", "needed by"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = all;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body.map(line)].join("\n");
}

/** Without what is the same in every ARN of a stack. */
function shortened(resource: string): string {
  return resource
    .replace(/^arn:aws:[a-z0-9-]+:[a-z0-9-]*:\d*:/, "")
    .replace("123456789012-eu-central-1", "<account>-<region>")
    .replace("the-bucket", "<bucket>")
    .replace(/\bthe-/, "");
}
