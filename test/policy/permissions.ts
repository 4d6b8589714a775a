/** Which permissions AWS asks a request for: actions, the resources they name, and condition keys. */
import type { SeenRequest } from "../../src/embedded/cloud.ts";

export interface Permission {
  readonly action: string;
  readonly resource: string;
  /** Condition keys that the request brings. */
  readonly keys: Readonly<Record<string, string>>;
}

/** Where the roles were synthesized for: the embedded cloud has another account, and only one. */
const place = "eu-central-1:123456789012";

type Json = Readonly<Record<string, unknown>>;

/** Roles that a task definition names, by its family; filled by what is registered. */
export type RolesByFamily = Map<string, readonly string[]>;

/** @param roles takes note of definitions that are registered, and tells those of definitions that are run */
export function permissionsFor(seen: SeenRequest, roles: RolesByFamily): readonly Permission[] {
  switch (seen.service) {
    case "sqs":
      return ofQueue(seen.operation, bodyOf(seen));
    case "s3":
      return ofObject(seen);
    case "ecs":
      return ofTask(seen.operation, bodyOf(seen), roles);
    case "cloudformation": {
      const name = new URLSearchParams(seen.request.body.toString("utf8")).get("StackName") ?? "*";
      return [permission(`cloudformation:${seen.operation}`, `arn:aws:cloudformation:${place}:stack/${name}/0`)];
    }
    case "servicequotas": {
      const { ServiceCode, QuotaCode } = bodyOf(seen);
      const quota = `arn:aws:servicequotas:${place}:${text(ServiceCode)}/${text(QuotaCode)}`;
      return [permission(`servicequotas:${seen.operation}`, quota)];
    }
    case "sts":
      return []; // GetCallerIdentity needs no permission
    default:
      throw new Error(`what does AWS ask for ${seen.service}:${seen.operation}?`);
  }
}

/** A batch is allowed by the name of the single action. */
function ofQueue(operation: string, body: Json): Permission[] {
  if (operation === "ListQueues") return [permission("sqs:ListQueues", "*")];
  const name = text(body["QueueName"] ?? text(body["QueueUrl"]).split("/").at(-1));
  const queue = `arn:aws:sqs:${place}:${name}`;
  const tagged = operation === "CreateQueue" && body["tags"] !== undefined;
  return [
    permission(`sqs:${operation.replace(/Batch$/, "")}`, queue),
    ...(tagged ? [permission("sqs:TagQueue", queue)] : []),
  ];
}

function ofObject({ operation, request }: SeenRequest): Permission[] {
  const [, bucketName = "", ...parts] = decodeURIComponent(request.path).split("/");
  const bucket = `arn:aws:s3:::${bucketName}`;
  const object = `${bucket}/${parts.join("/")}`;
  switch (operation) {
    case "GetObject":
      // Two: without the second, a key that does not exist is answered as one that may not be read.
      return [permission("s3:GetObject", object), permission("s3:ListBucket", bucket)];
    case "ListObjectsV2":
      return [permission("s3:ListBucket", bucket, { "s3:prefix": request.query.get("prefix") ?? "" })];
    case "PutObject":
    case "CreateMultipartUpload":
    case "UploadPart":
    case "CompleteMultipartUpload":
      return [permission("s3:PutObject", object)];
    case "DeleteObjects":
      return [...request.body.toString("utf8").matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = ""]) =>
        permission("s3:DeleteObject", `${bucket}/${key}`),
      );
    default:
      return [permission(`s3:${operation}`, object)];
  }
}

function ofTask(operation: string, body: Json, roles: RolesByFamily): Permission[] {
  const clusterName = text(body["cluster"]);
  const keys = { "ecs:cluster": `arn:aws:ecs:${place}:cluster/${clusterName}` };
  const task = (id: unknown): string => `arn:aws:ecs:${place}:task/${clusterName}/${text(id).split("/").at(-1) ?? ""}`;
  switch (operation) {
    case "RegisterTaskDefinition": {
      const family = text(body["family"]);
      const lent = rolesIn(body);
      roles.set(family, lent);
      return [permission("ecs:RegisterTaskDefinition", definition(family)), ...lent.map(passRole)];
    }
    case "DescribeTaskDefinition":
      return [permission("ecs:DescribeTaskDefinition", "*")];
    case "RunTask": {
      const family = familyOf(text(body["taskDefinition"]));
      const lent = new Set([...(roles.get(family) ?? []), ...rolesIn(body["overrides"] as Json)]);
      const shell = { "ecs:enable-execute-command": body["enableExecuteCommand"] === true ? "true" : "false" };
      return [
        permission("ecs:RunTask", definition(family), { ...keys, ...shell }),
        ...[...lent].map(passRole),
        ...(body["tags"] === undefined
          ? []
          : [permission("ecs:TagResource", task("0"), { "ecs:CreateAction": "RunTask" })]),
      ];
    }
    case "DescribeTasks":
      return (body["tasks"] as unknown[]).map((id) => permission("ecs:DescribeTasks", task(id), keys));
    case "StopTask":
      return [permission("ecs:StopTask", task(body["task"]), keys)];
    case "ListTasks":
      return [permission("ecs:ListTasks", "*", keys)];
    default:
      return [permission(`ecs:${operation}`, "*", keys)];
  }
}

function permission(action: string, resource: string, keys: Permission["keys"] = {}): Permission {
  return { action, resource, keys };
}

const familyOf = (reference: string): string => (reference.split("/").at(-1) ?? "").replace(/:\d+$/, "");
const definition = (family: string): string => `arn:aws:ecs:${place}:task-definition/${family}:1`;
const rolesIn = (body: Json = {}): string[] =>
  [body["taskRoleArn"], body["executionRoleArn"]].flatMap((role) => (role === undefined ? [] : [text(role)]));
const passRole = (role: string): Permission =>
  permission("iam:PassRole", role, { "iam:PassedToService": "ecs-tasks.amazonaws.com" });

function bodyOf({ request }: SeenRequest): Json {
  return JSON.parse(request.body.toString("utf8")) as Json;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
