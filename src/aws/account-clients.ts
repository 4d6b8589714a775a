/**
 * Clients of the services that a driver asks only about a real account. They are loaded when they are needed: a local
 * run never pays for them.
 */
import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import type { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import type { STSClient } from "@aws-sdk/client-sts";
import { type AwsSettings, clientConfig } from "./clients.ts";
import type { RequestCounter } from "./request-counter.ts";

export async function openCloudFormationClient(
  settings: AwsSettings,
  counter: RequestCounter,
): Promise<CloudFormationClient> {
  const { CloudFormationClient } = await import("@aws-sdk/client-cloudformation");
  const client = new CloudFormationClient(clientConfig(settings, "cloudformation"));
  counter.watch("cloudformation", client.middlewareStack);
  return client;
}

export async function openStsClient(settings: AwsSettings, counter: RequestCounter): Promise<STSClient> {
  const { STSClient } = await import("@aws-sdk/client-sts");
  const client = new STSClient(clientConfig(settings, "sts"));
  counter.watch("sts", client.middlewareStack);
  return client;
}

export async function openServiceQuotasClient(
  settings: AwsSettings,
  counter: RequestCounter,
): Promise<ServiceQuotasClient> {
  const { ServiceQuotasClient } = await import("@aws-sdk/client-service-quotas");
  const client = new ServiceQuotasClient(clientConfig(settings, "serviceQuotas"));
  counter.watch("servicequotas", client.middlewareStack);
  return client;
}
