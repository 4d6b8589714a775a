/**
 * Checks of the parts of a stack, by doing what a run does with each: a queue and an object are made and removed again.
 * Nothing that costs more than a thousandth of a cent is done; no worker is started.
 */
import { randomBytes } from "node:crypto";
import { DescribeTaskDefinitionCommand, type ECSClient } from "@aws-sdk/client-ecs";
import { CreateQueueCommand, DeleteQueueCommand } from "@aws-sdk/client-sqs";
import { durationToMs } from "../../base/duration.ts";
import { CloudburstError } from "../../base/errors.ts";
import { createS3Store } from "../../store/s3-store.ts";
import type { ClusterClients } from "../cluster-clients.ts";
import { findLeftovers, usualSilence } from "../dead-runs.ts";
import { defaultStack, type DescribedStack } from "../stack-discovery.ts";
import { stackOutputs, type StackValues } from "../stack-outputs.ts";
import { awsTrouble } from "./aws-trouble.ts";
import type { Finding } from "./finding.ts";
import { checkBucket, checkEcsCluster } from "./preflight.ts";

export interface PlaceExam {
  readonly stack: DescribedStack;
  readonly clients: ClusterClients;
  readonly signal: AbortSignal;
}

/** What a check says when all is well, or nearly so, or when it may not look; it throws when something is wrong. */
type Said = string | Warning | NotChecked;
type Check = (exam: PlaceExam) => Promise<Said>;

interface Warning {
  readonly warning: string;
  readonly command?: string;
}

interface NotChecked {
  readonly notChecked: string;
  readonly command?: string;
}

export const placeChecks: Readonly<Record<string, Check>> = {
  bucket: checkObjects,
  "ECS cluster": async (exam) => {
    const place = placeOf(exam);
    await checkEcsCluster({ ...exam, place });
    return `${place.ecsCluster} can be looked into`;
  },
  queues: checkQueues,
  subnets: (exam) => Promise.resolve(checkSubnets(exam.stack.values)),
  routes: (exam) => Promise.resolve(checkRoutes(exam.stack)),
  image: checkImage,
  leftovers: checkLeftovers,
};

export async function examinePart(check: string, exam: PlaceExam): Promise<Finding> {
  try {
    const said = await placeChecks[check]?.(exam);
    if (typeof said !== "object") return { check, status: "ok", detail: said ?? "" };
    const { command } = said;
    const more = command === undefined ? {} : { command };
    if ("warning" in said) return { check, status: "warn", detail: said.warning, ...more };
    return { check, status: "skipped", detail: `not checked: ${said.notChecked}`, ...more };
  } catch (error) {
    exam.signal.throwIfAborted();
    return { check, status: "fail", detail: awsTrouble(error, unnamed(check)).message };
  }
}

function unnamed(check: string) {
  return { doing: `check the ${check}`, action: "what this check does", resource: `the ${check}` };
}

function placeOf({ stack }: PlaceExam) {
  const { bucket = "", ecsCluster = "" } = stack.values;
  const description = `the stack ${stack.name} in ${stack.region}`;
  return { description, stack: stack.name, bucket, ecsCluster };
}

/** Letters and digits, as in a run's id: the driver policy allows queues of runs by their names. */
function probeName(): string {
  return `doctor${randomBytes(8).toString("hex")}`;
}

async function checkObjects(exam: PlaceExam): Promise<string> {
  const place = placeOf(exam);
  await checkBucket({ ...exam, place });
  const store = createS3Store(exam.clients.s3, place.bucket, { kmsKeyId: exam.stack.values.kmsKeyArn });
  const key = `runs/${probeName()}/probe`;
  await store.put(key, new Uint8Array(), exam);
  try {
    await store.get(key, undefined, exam);
  } finally {
    await store.delete([key]); // removed even when the user loses patience now
  }
  return `${place.bucket} can be listed, written, read and cleaned`;
}

async function checkQueues({ clients, stack, signal }: PlaceExam): Promise<string> {
  const name = `cloudburst-${probeName()}-tasks`;
  const resource = `arn:aws:sqs:${stack.region}:*:${name}`;
  const { kmsKeyArn } = stack.values;
  const command = new CreateQueueCommand({
    QueueName: name,
    ...(kmsKeyArn !== undefined && { Attributes: { KmsMasterKeyId: kmsKeyArn } }),
  });
  const created = await clients.sqs.send(command, { abortSignal: signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw awsTrouble(error, { doing: "make a queue", action: "sqs:CreateQueue", resource });
  });
  // Removed even when the user loses patience now.
  await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: created.QueueUrl })).catch((error: unknown) => {
    throw awsTrouble(error, { doing: `remove the queue ${name}`, action: "sqs:DeleteQueue", resource });
  });
  return "a queue can be made and removed";
}

function checkSubnets({ subnets = "", assignPublicIp }: StackValues): string | Warning {
  const names = subnets.split(",").filter((name) => name !== "");
  const many = names.length === 1 ? "1 subnet" : `${names.length} subnets`;
  if (assignPublicIp !== "ENABLED") {
    return {
      warning: `${many}, workers get no public address (each subnet needs a NAT gateway, or endpoints for ECR, SQS, S3 and CloudWatch Logs)`,
    };
  }
  if (names.length === 1) {
    return { warning: `${many}: workers depend on one availability zone (name more subnets: -c subnetIds=…)` };
  }
  return `${many}, workers get public addresses`;
}

/** Routes are read with rights on the whole account's network, which no driver has: what the stack made itself, it tells. */
function checkRoutes({ values, region }: DescribedStack): string | NotChecked {
  const isPublic = values.assignPublicIp === "ENABLED";
  if (values.network === "own" && isPublic) return "the stack made the subnets itself, with a route to the internet";
  const wayOut = isPublic ? "an internet gateway, igw-…" : "a NAT gateway, nat-…, or endpoints must stand in for it";
  return {
    notChecked: `no run may look at routes, and the stack did not make ${isPublic ? "these subnets" : "a way out of these subnets"}. 0.0.0.0/0 must lead to ${wayOut}; a subnet that no table names has those of the main one. Without a way out the first worker ends with ResourceInitializationError`,
    command: describeRoutes(region, values.subnets),
  };
}

/** All tables of the VPC, since one that no subnet names may be the one that counts. */
function describeRoutes(region: string, subnets = ""): string {
  const [subnet = ""] = subnets.split(",");
  const vpc = `$(aws ec2 describe-subnets --region ${region} --subnet-ids ${subnet} --query 'Subnets[0].VpcId' --output text)`;
  const columns = "[Associations[].[SubnetId,Main],Routes[].[DestinationCidrBlock,GatewayId,NatGatewayId]]";
  return `aws ec2 describe-route-tables --region ${region} --filters Name=vpc-id,Values=${vpc} --query 'RouteTables[].${columns}'`;
}

async function checkImage(exam: PlaceExam): Promise<Said> {
  const { taskDefinitionFamily = "", architecture = "" } = exam.stack.values;
  const { image = "no image", cpuArchitecture } = await describeFamily(exam.clients.ecs, taskDefinitionFamily, exam);
  if (architecture !== cpuArchitecture) {
    return {
      warning: `${image}: the task definition says ${cpuArchitecture}, the output ${stackOutputs.architecture} ${architecture} (deploy the stack again: npx cloudburst deploy ${exam.stack.name})`,
    };
  }
  if (/^(docker\.io\/|[^/.:]+(\/|:|$))/u.test(image)) {
    return {
      warning: `${image} for ${architecture} comes from Docker Hub, which limits anonymous pulls (copy it into ECR of ${exam.stack.region}); whether it is there was not checked`,
      command: inspectImage(image),
    };
  }
  const ecr = ecrImage.exec(image)?.groups;
  if (ecr?.["repository"]?.startsWith("cdk-"))
    return `${image} for ${architecture}, pushed when the stack was deployed`;
  const right = ecr === undefined ? "" : "no run may look into ECR, that takes ecr:DescribeImages. ";
  return {
    notChecked: `${right}${image} must be there, for ${architecture}; the first worker shows whether it can be pulled`,
    command: ecr === undefined ? inspectImage(image) : describeImage(ecr),
  };
}

/** Tells only: removing what is others' takes a command of its own. */
async function checkLeftovers(exam: PlaceExam): ReturnType<Check> {
  const { bucket, ecsCluster, stack } = placeOf(exam);
  const place = { ...exam, bucket, ecsCluster, olderThanMs: durationToMs(usualSilence) };
  const found = await findLeftovers(place).catch(notAllowed);
  if ("notChecked" in found) return found;
  const { runIds, queues, workers } = found;
  if (runIds.size === 0) return "no run that was killed has left anything";
  const command = `npx cloudburst cleanup${stack === defaultStack ? "" : ` ${stack}`}`;
  return {
    warning: `${queues.length} queues and ${workers.length} workers of ${runIds.size} runs whose drivers were killed (remove them: ${command})`,
  };
}

/** A check that takes a permission which runs do not need is left out when it is missing. */
function notAllowed(error: unknown): NotChecked {
  const { action, resource } = error instanceof CloudburstError ? error.data : {};
  if (!(error instanceof CloudburstError) || error.code !== "access_denied") throw error;
  return { notChecked: `needs ${String(action)} on ${String(resource)}` };
}

const ecrImage =
  /^(?<account>\d{12})\.dkr\.ecr\.(?<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/(?<repository>[^:@]+)(?::(?<tag>[^@]+))?(?:@(?<digest>.+))?$/u;

/** Of any registry that Docker's client is signed in to; it shows the architectures too. */
function inspectImage(image: string): string {
  return `docker buildx imagetools inspect ${image}`;
}

/** For whoever has the right, which runs do not need. */
function describeImage({
  account = "",
  region = "",
  repository = "",
  tag = "latest",
  digest,
}: Partial<Record<string, string>>) {
  const id = digest === undefined ? `imageTag=${tag}` : `imageDigest=${digest}`;
  return `aws ecr describe-images --region ${region} --registry-id ${account} --repository-name ${repository} --image-ids ${id}`;
}

async function describeFamily(
  ecs: ECSClient,
  family: string,
  { signal }: PlaceExam,
): Promise<{ readonly image: string | undefined; readonly cpuArchitecture: string }> {
  const command = new DescribeTaskDefinitionCommand({ taskDefinition: family });
  const { taskDefinition } = await ecs.send(command, { abortSignal: signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    const attempt = { action: "ecs:DescribeTaskDefinition", resource: "*" };
    throw awsTrouble(error, { doing: `read the task definition ${family}`, ...attempt });
  });
  return {
    image: taskDefinition?.containerDefinitions?.[0]?.image,
    cpuArchitecture: taskDefinition?.runtimePlatform?.cpuArchitecture ?? "X86_64", // ECS's default
  };
}
