import { randomBytes } from "node:crypto";
import { systemClock } from "../base/clock.ts";
import type { Clock } from "../base/clock.ts";
import { CloudburstError, InvalidOptionError } from "../base/errors.ts";
import type { CloudCredentials, ContainerLauncher, EmbeddedCloud, EmbeddedCloudOptions } from "./cloud.ts";
import {
  type CloudFormationServiceOptions,
  createCloudFormationService,
} from "./cloudformation/cloudformation-service.ts";
import { createEcsService } from "./ecs/ecs-service.ts";
import { EmbeddedFaults } from "./failures.ts";
import { startHttpServer } from "./http-server.ts";
import type { HttpServer } from "./http-server.ts";
import { RequestCounter } from "./request-counter.ts";
import { createS3Service } from "./s3/s3-service.ts";
import type { Service } from "./service.ts";
import { createServiceQuotasService, type ServiceQuotasOptions } from "./service-quotas/service-quotas-service.ts";
import { createSqsService } from "./sqs/sqs-service.ts";
import { createStsService } from "./sts/sts-service.ts";

const region = "us-east-1";
const accountId = "000000000000";

/** What AWS grants an account on its first day: Fargate's vCPUs at once, on-demand and Spot. */
const newAccountQuotas = { "fargate/L-3032A538": 6, "fargate/L-36FBB829": 6 };

/** A container cannot be made of an image without something that runs it. */
const noLauncher: ContainerLauncher = {
  launch: ({ image }) => {
    const message = `CannotPullContainerError: the embedded cloud was started without a launcher and cannot run ${image}`;
    return Promise.reject(new CloudburstError("no_launcher", message));
  },
};

/**
 * Starts SQS, S3, ECS, and what Cloudburst asks of CloudFormation, Service Quotas and STS, on one port of 127.0.0.1,
 * of the address at which the launcher's containers reach this machine, and behind the door.
 *
 * @throws InvalidOptionError when the port or the latency is out of range, or the port or the address cannot be had.
 */
export async function startEmbeddedCloud(
  options: EmbeddedCloudOptions & { readonly clock?: Clock; readonly faults?: EmbeddedFaults } = {},
): Promise<EmbeddedCloud> {
  const { port = 0, launcher = noLauncher, startupLatencyMs = 0, clock = systemClock } = options;
  const { stacks = [], quotas = newAccountQuotas, faults = new EmbeddedFaults(), onRequest, door } = options;
  checkRange("port", port, 65_535);
  checkRange("startupLatencyMs", startupLatencyMs, 2 ** 31 - 1); // the longest that Node's timers wait
  const { credentials = createCredentials() } = options;
  const containerCredentials = createCredentials();
  const counter = new RequestCounter();
  let url = "";
  const endpoint = (): string => url;
  // Containers of an engine have a loopback of their own.
  const containerEndpoint = (): string => url.replace("127.0.0.1", launcher.hostAddress ?? "127.0.0.1");
  const environment = (): Readonly<Record<string, string>> =>
    containerEnvironment(containerCredentials, containerEndpoint());
  const place = { region, accountId, clock };
  const ecs = createEcsService({
    ...place,
    launcher,
    faults,
    startupLatencyMs,
    endpoint: containerEndpoint,
    environment,
  });
  const services = [
    createSqsService({ ...place, endpoint }),
    createS3Service(place),
    ecs,
    ...createLookUpServices({ ...place, stacks, quotas }),
  ];
  const accessKeyIds = new Set([credentials.accessKeyId, containerCredentials.accessKeyId]);
  const unsigned = ecs.metadata.bind(ecs);
  const { hostAddress } = launcher;
  const server = await startHttpServer({
    port,
    hostAddress,
    door,
    services,
    accessKeyIds,
    counter,
    faults,
    unsigned,
    onRequest,
  });
  url = `http://127.0.0.1:${server.port}`;

  let closing: Promise<void> | undefined;
  return {
    endpoint: url,
    doorPort: server.doorPort,
    region,
    credentials,
    requestCounts: () => counter.snapshot(),
    [Symbol.asyncDispose]: () => (closing ??= closeCloud(services, server)),
  };
}

function containerEnvironment(
  { accessKeyId, secretAccessKey }: CloudCredentials,
  endpoint: string,
): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_EXECUTION_ENV: "AWS_ECS_FARGATE",
  };
}

/** What drivers only ask: the stack, the quotas, who they are. */
function createLookUpServices(options: CloudFormationServiceOptions & ServiceQuotasOptions): readonly Service[] {
  return [
    createCloudFormationService(options),
    createServiceQuotasService(options),
    createStsService(options.accountId),
  ];
}

/** Services first: their waiting requests are answered while the connections still stand. */
async function closeCloud(services: readonly Service[], server: HttpServer): Promise<void> {
  await Promise.all(services.map((service) => service.close()));
  await server.close();
}

function createCredentials(): CloudCredentials {
  return {
    accessKeyId: `EMBEDDED${randomBytes(16).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString("base64url"),
  };
}

function checkRange(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new InvalidOptionError(`${name} must be an integer from 0 to ${max}, got ${value}`, {
    [name]: value,
  });
}
