import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EmbeddedCloud } from "../../src/embedded/cloud.ts";
import { createDockerLauncher } from "../../src/embedded/docker-launcher.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { docker, describeWithEngine, requireEngine } from "./engine.ts";

describeWithEngine("an embedded cloud whose tasks are containers", () => {
  let cloud: EmbeddedCloud;
  let endpoint: string;
  beforeAll(async () => {
    const { gateway } = requireEngine();
    cloud = await startEmbeddedCloud({ launcher: createDockerLauncher({ hostAddress: gateway }) });
    endpoint = cloud.endpoint.replace("127.0.0.1", gateway);
  });
  afterAll(() => cloud[Symbol.asyncDispose]());

  async function statusOf(headers: Readonly<Record<string, string>>): Promise<number | undefined> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(endpoint, { headers }, resolve).on("error", reject).end();
    });
    response.resume();
    return response.statusCode;
  }

  it("is reached by containers at their network's gateway", async () => {
    const code = `fetch("${endpoint}").then(({ status }) => console.log(status))`;
    const reply = await docker("run", "--rm", "--entrypoint", "node", requireEngine().contractImage, "--eval", code);
    expect(reply).toBe("403"); // there it is, and knows no stranger
  });

  it("wants its access key at the gateway as on loopback", async () => {
    const list = async (accessKeyId: string): Promise<unknown> => {
      const credentials = { ...cloud.credentials, accessKeyId };
      const client = new SQSClient({ endpoint, region: cloud.region, credentials });
      return await client.send(new ListQueuesCommand({})).finally(() => client.destroy());
    };
    await list(cloud.credentials.accessKeyId);
    await expect(list("STRANGER")).rejects.toMatchObject({ name: "InvalidClientTokenId" });
  });

  it("refuses a Host header of another name at the gateway", async () => {
    const scope = `${cloud.credentials.accessKeyId}/20260101/us-east-1/s3/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
    expect(await statusOf({ authorization })).toBe(200);
    expect(await statusOf({ authorization, host: "evil.example" })).toBe(403);
  });
});

describe("the address at which containers reach the cloud", () => {
  it("must be a private one", () => {
    for (const hostAddress of ["0.0.0.0", "8.8.8.8", "::", "example.com", "172.32.0.1"]) {
      expect(() => createDockerLauncher({ hostAddress })).toThrow(/^hostAddress must be a private IPv4 address/);
    }
  });

  it("must be this machine's", async () => {
    const launcher = createDockerLauncher({ hostAddress: "192.168.255.254" });
    await expect(startEmbeddedCloud({ launcher })).rejects.toThrow(
      /^the host to listen on must be an address of this machine/,
    );
  });
});
