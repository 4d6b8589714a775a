import { readFileSync } from "node:fs";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as tlsRequest } from "node:https";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { CreateServiceCommand, DescribeClustersCommand, ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs";
import { GetBucketAclCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EmbeddedCloud } from "../../src/embedded/cloud.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";

interface Reply {
  readonly status: number | undefined;
  readonly body: string;
}

let cloud: EmbeddedCloud;
let clients: { destroy(): void }[] = [];

function opened<T extends { destroy(): void }>(client: T): T {
  clients.push(client);
  return client;
}

function configuration(accessKeyId = cloud.credentials.accessKeyId) {
  const credentials = { ...cloud.credentials, accessKeyId };
  return { endpoint: cloud.endpoint, region: cloud.region, credentials, forcePathStyle: true };
}

async function raw(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(cloud.endpoint + path, { headers }, resolve)
      .on("error", reject)
      .end();
  });
  return { status: response.statusCode, body: await text(response) };
}

function authorization(service: string): string {
  const scope = `${cloud.credentials.accessKeyId}/20260101/us-east-1/${service}/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
}

beforeEach(async () => {
  cloud = await startEmbeddedCloud();
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  clients = [];
  await cloud[Symbol.asyncDispose]();
});

describe("access", () => {
  it("each service refuses another access key by its own name for that", async () => {
    const sqs = opened(new SQSClient(configuration("STRANGER")));
    const ecs = opened(new ECSClient(configuration("STRANGER")));
    const s3 = opened(new S3Client(configuration("STRANGER")));
    const forbidden = { $metadata: { httpStatusCode: 403 } };
    await expect(sqs.send(new ListQueuesCommand({}))).rejects.toMatchObject({
      ...forbidden,
      name: "InvalidClientTokenId",
    });
    await expect(ecs.send(new DescribeClustersCommand({}))).rejects.toMatchObject({
      ...forbidden,
      name: "UnrecognizedClientException",
    });
    await expect(s3.send(new ListBucketsCommand({}))).rejects.toMatchObject({
      ...forbidden,
      name: "InvalidAccessKeyId",
    });
    expect(cloud.requestCounts()).toEqual({});
  });

  it("an unsigned request is refused", async () => {
    expect(await raw("/some-bucket/some-key")).toMatchObject({
      status: 403,
      body: expect.stringContaining("<Code>MissingAuthenticationToken</Code>") as unknown,
    });
  });

  it("two clouds have two access keys", async () => {
    await using other = await startEmbeddedCloud();
    expect(other.credentials.accessKeyId).not.toBe(cloud.credentials.accessKeyId);
    expect(other.endpoint).not.toBe(cloud.endpoint);
  });

  it("a Host header that does not name loopback is refused, even with the right key (DNS rebinding)", async () => {
    const signed = { authorization: authorization("s3") };
    for (const host of ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "128.0.0.1"]) {
      expect((await raw("/", { ...signed, host })).status, host).toBe(403);
    }
    const { port } = new URL(cloud.endpoint);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, "127.0.0.53", `[::1]:${port}`]) {
      expect((await raw("/", { ...signed, host })).status, host).toBe(200);
    }
  });
});

describe("a door", () => {
  const read = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), "utf8");
  const [cert, key, ca] = [read("certificate"), read("key"), read("authority")];

  it("takes the same key over TLS, by an address or by a name that the certificate has", async () => {
    await using guarded = await startEmbeddedCloud({ door: { host: "127.0.0.1", port: 0, cert, key } });
    const knock = async (host: string, accessKeyId: string): Promise<number | undefined> => {
      const scope = `${accessKeyId}/20260101/us-east-1/s3/aws4_request`;
      const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const options = {
          host: "127.0.0.1",
          servername: "localhost",
          port: guarded.doorPort,
          ca,
          headers: { host, authorization },
        };
        tlsRequest(options, resolve).on("error", reject).end();
      });
      response.resume();
      return response.statusCode;
    };
    const { accessKeyId } = guarded.credentials;
    for (const host of ["127.0.0.1", "localhost:8786", "scheduler.test:8786", "10.0.0.41:8786", "[fd00::1]:8786"]) {
      expect(await knock(host, accessKeyId), host).toBe(200);
    }
    for (const host of ["evil.example", "127.0.0.1.evil.example", "scheduler.test.evil.example"]) {
      expect(await knock(host, accessKeyId), host).toBe(403);
    }
    expect(await knock("localhost", "STRANGER")).toBe(403);
  });

  it("is not opened with a certificate that cannot be used, and nothing stays open then", async () => {
    const { port } = new URL(cloud.endpoint);
    await cloud[Symbol.asyncDispose]();
    const door = { host: "127.0.0.1", port: 0, cert, key: "nonsense" };
    await expect(startEmbeddedCloud({ port: Number(port), door })).rejects.toThrow(
      "the TLS certificate and its key cannot be used",
    );
    cloud = await startEmbeddedCloud({ port: Number(port) });
  });
});

describe("what is not supported", () => {
  it("is refused with 501 by service and operation", async () => {
    const calls = [
      opened(new SQSClient(configuration())).send(new ListMessageMoveTasksCommand({ SourceArn: "arn" })),
      opened(new ECSClient(configuration())).send(new ListClustersCommand({})),
      opened(new ECSClient(configuration())).send(new CreateServiceCommand({ serviceName: "s" })),
    ];
    const [moveTasks, listClusters, createService] = await Promise.allSettled(calls);
    const refused = (operation: string): object => ({
      status: "rejected",
      reason: {
        name: "NotImplemented",
        message: expect.stringContaining(`does not implement ${operation}`) as unknown,
        $metadata: { httpStatusCode: 501 },
      },
    });
    expect(moveTasks).toMatchObject(refused("ListMessageMoveTasks of sqs"));
    expect(listClusters).toMatchObject(refused("ListClusters of ecs"));
    expect(createService).toMatchObject(refused("CreateService of ecs"));
    const s3 = opened(new S3Client(configuration()));
    await expect(s3.send(new GetBucketAclCommand({ Bucket: "some-bucket" }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 501 },
    });
  });

  it("another service is refused by its name", async () => {
    const reply = await raw("/", { authorization: authorization("sts"), "x-amz-target": "Sts.GetCallerIdentity" });
    expect(reply.status).toBe(501);
    expect(reply.body).toContain("does not implement Sts.GetCallerIdentity of sts");
  });

  it("a part of a message that Cloudburst never sends is refused, not dropped", async () => {
    const sqs = opened(new SQSClient(configuration()));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "q" }));
    const command = new SendMessageCommand({ QueueUrl, MessageBody: "x", MessageDeduplicationId: "d" });
    await expect(sqs.send(command)).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
  });
});

describe("the server", () => {
  it("counts requests by service and operation (I11)", async () => {
    const sqs = opened(new SQSClient(configuration()));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "q" }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }));
    const before = cloud.requestCounts();
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }));
    await opened(new ECSClient(configuration())).send(new DescribeClustersCommand({}));
    expect(before).toEqual({ sqs: { CreateQueue: 1, SendMessage: 1 } });
    expect(cloud.requestCounts()).toEqual({
      sqs: { CreateQueue: 1, SendMessage: 2 },
      ecs: { DescribeClusters: 1 },
    });
  });

  it("answers a body that is not JSON with SerializationException", async () => {
    const headers = { authorization: authorization("sqs"), "x-amz-target": "AmazonSQS.ListQueues" };
    const response = await fetch(cloud.endpoint, { method: "POST", headers, body: "{" });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("SerializationException");
  });

  it("says which port is in use and how to go on", async () => {
    const { port } = new URL(cloud.endpoint);
    await expect(startEmbeddedCloud({ port: Number(port) })).rejects.toMatchObject({
      name: "InvalidOptionError",
      message: `port ${port} on 127.0.0.1 is in use (choose another \`port\`, or 0 for any free one)`,
    });
  });

  it("listens on the port it was given", async () => {
    const free = await new Promise<number>((resolve) => {
      const probe = createServer().listen(0, "127.0.0.1", () => {
        const { port } = probe.address() as AddressInfo;
        probe.close(() => resolve(port));
      });
    });
    await using other = await startEmbeddedCloud({ port: free });
    expect(other.endpoint).toBe(`http://127.0.0.1:${free}`);
  });

  it("refuses ports and latencies that cannot be", async () => {
    for (const options of [{ port: -1 }, { port: 65_536 }, { port: 80.5 }, { startupLatencyMs: -1 }]) {
      await expect(startEmbeddedCloud(options)).rejects.toMatchObject({ name: "InvalidOptionError" });
    }
  });

  it("ends waiting receives when it is disposed of, and is disposed of once", async () => {
    const sqs = opened(new SQSClient({ ...configuration(), maxAttempts: 1 }));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "q" }));
    const poll = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    await sqs.send(new ListQueuesCommand({})); // by now the poll has arrived
    await Promise.all([cloud[Symbol.asyncDispose](), cloud[Symbol.asyncDispose]()]);
    expect((await poll).Messages).toBeUndefined();
    await expect(fetch(cloud.endpoint)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
  });
});
