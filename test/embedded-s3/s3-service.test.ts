import { once } from "node:events";
import { connect } from "node:net";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetBucketAclCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createS3Store } from "../../src/store/s3-store.ts";
import { startS3TestServer } from "./s3-test-server.ts";
import type { S3TestServer } from "./s3-test-server.ts";

const Bucket = "service-test";
let server: S3TestServer;
let client: S3Client;
beforeAll(async () => {
  server = await startS3TestServer();
  client = server.client();
  await client.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => server[Symbol.asyncDispose]());

/** An answer as it is on the wire, of which the SDK shows only part. */
async function exchange(head: string): Promise<string> {
  const { hostname, port } = new URL(server.endpoint);
  const socket = connect(Number(port), hostname);
  socket.end(`${head}\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`);
  let answer = "";
  socket.setEncoding("latin1").on("data", (text: string) => (answer += text));
  await once(socket, "close");
  return answer;
}

describe("the embedded S3", () => {
  it("names every operation as AWS does, also those it refuses", async () => {
    const CopySource = `${Bucket}/k`;
    const refused: readonly (readonly [string, () => Promise<unknown>])[] = [
      ["GetBucketAcl", () => client.send(new GetBucketAclCommand({ Bucket }))],
      ["PutBucketLifecycleConfiguration", () => client.send(new PutBucketLifecycleConfigurationCommand({ Bucket }))],
      ["ListMultipartUploads", () => client.send(new ListMultipartUploadsCommand({ Bucket }))],
      ["ListObjects", () => client.send(new ListObjectsCommand({ Bucket }))],
      ["GetObjectTagging", () => client.send(new GetObjectTaggingCommand({ Bucket, Key: "k" }))],
      ["CopyObject", () => client.send(new CopyObjectCommand({ Bucket, Key: "k", CopySource }))],
    ];
    for (const [operation, send] of refused) {
      await expect(send()).rejects.toMatchObject({
        name: "NotImplemented",
        message: `${operation} is not implemented: the embedded cloud supports only the S3 calls that Cloudburst makes`,
        $metadata: { httpStatusCode: 501 },
      });
      expect(server.operations).toContain(operation);
    }
  });

  it("refuses headers and parameters that would change what a call does, instead of ignoring them", async () => {
    const put = (more: object) => client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", ...more }));
    await expect(put({ Tagging: "a=b" })).rejects.toThrow(/^x-amz-tagging is not implemented/);
    await expect(put({ SSECustomerAlgorithm: "AES256" })).rejects.toThrow(/customer-algorithm is not implemented/);
    const versioned = client.send(new GetObjectCommand({ Bucket, Key: "k", VersionId: "1" }));
    await expect(versioned).rejects.toThrow(/^versionId is not implemented/);
  });

  it("tells readers the key with which the store encrypts, in one piece as well as in parts", async () => {
    const store = createS3Store(client, Bucket, { kmsKeyId: "alias/flows" });
    await store.put("whole", Buffer.from("x"));
    await store.put("parts", Buffer.alloc(100_000_000));
    for (const Key of ["whole", "parts"]) {
      const { ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled } = await client.send(
        new HeadObjectCommand({ Bucket, Key }),
      );
      expect([ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled]).toEqual(["aws:kms", "alias/flows", true]);
    }
    expect(server.operations).toContain("CompleteMultipartUpload");
  });

  it("answers HEAD with the length of a body that it does not send", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "head", Body: "12345" }));
    const found = await exchange(`HEAD /${Bucket}/head HTTP/1.1`);
    expect(found).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(found.toLowerCase()).toContain("content-length: 5\r\n");
    expect(found).toMatch(/\r\n\r\n$/);
    expect(await exchange(`HEAD /${Bucket}/missing HTTP/1.1`)).toMatch(/^HTTP\/1\.1 404 [^]*\r\n\r\n$/);
  });

  it("refuses a method that S3 does not have, and a path that cannot be decoded", async () => {
    expect(await exchange(`PATCH /${Bucket}/k HTTP/1.1`)).toMatch(/ 405 [^]*<Code>MethodNotAllowed<\/Code>/);
    expect(await exchange(`GET /${Bucket}/%ff HTTP/1.1`)).toMatch(/ 400 [^]*<Code>InvalidURI<\/Code>/);
  });

  it("requires a checksum of DeleteObjects, and well-formed XML", async () => {
    const request = `POST /${Bucket}?delete HTTP/1.1\r\nContent-Length: 0`;
    expect(await exchange(request)).toMatch(/ 400 [^]*Content-MD5 OR x-amz-checksum-/);
    const md5OfNothing = "1B2M2Y8AsgTpgAmY7PhCfg==";
    expect(await exchange(`${request}\r\nContent-MD5: ${md5OfNothing}`)).toMatch(/<Code>MalformedXML<\/Code>/);
  });

  it("ignores ranges that make no sense, as S3 does", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "range", Body: "0123456789" }));
    for (const Range of ["bytes=5-2", "bytes=0-1,4-5", "lines=1-2", "bytes=-"]) {
      const output = await client.send(new GetObjectCommand({ Bucket, Key: "range", Range }));
      expect(output.ContentLength, Range).toBe(10);
      output.Body?.transformToString().catch(() => undefined);
    }
  });

  it("takes its own bucket twice in us-east-1 and refuses it elsewhere", async () => {
    await client.send(new CreateBucketCommand({ Bucket }));
    await using elsewhere = await startS3TestServer({ region: "eu-central-1" });
    const european = elsewhere.client();
    await european.send(new CreateBucketCommand({ Bucket }));
    expect((await european.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe("eu-central-1");
    await expect(european.send(new CreateBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: "BucketAlreadyOwnedByYou",
    });
    const LocationConstraint = "us-west-2" as const;
    const wrong = european.send(
      new CreateBucketCommand({ Bucket: "other", CreateBucketConfiguration: { LocationConstraint } }),
    );
    await expect(wrong).rejects.toMatchObject({ name: "IllegalLocationConstraintException" });
  });
});
