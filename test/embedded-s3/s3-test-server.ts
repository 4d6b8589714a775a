/** S3 alone behind HTTP, with a place to step in: what a test cannot get from a whole cloud that always works. */

import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { S3Client } from "@aws-sdk/client-s3";
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { systemClock } from "../../src/base/clock.ts";
import { createS3Service } from "../../src/embedded/s3/s3-service.ts";
import type { ServiceRequest, ServiceResponse } from "../../src/embedded/service.ts";

/** Steps in before the service (return an answer) or after it (return another); undefined leaves things as they are. */
export interface Interception {
  readonly before?: (operation: string, request: ServiceRequest) => ServiceResponse | undefined;
  readonly after?: (
    operation: string,
    response: ServiceResponse,
  ) => ServiceResponse | "hang up" | "break off" | undefined;
}

export interface S3TestServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly operations: readonly string[];
  interception: Interception;
  client(config?: S3ClientConfig): S3Client;
}

export async function startS3TestServer(options: { readonly region?: string } = {}): Promise<S3TestServer> {
  const region = options.region ?? "us-east-1";
  const service = createS3Service({ region, clock: systemClock });
  const operations: string[] = [];
  const clients: S3Client[] = [];
  const server = createServer((incoming, outgoing) => {
    // A client that goes away in the middle needs no answer.
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const request = toServiceRequest(incoming, await buffer(incoming));
    const operation = service.operationOf(request) ?? "none";
    operations.push(operation);
    const { before, after } = testServer.interception;
    const response = before?.(operation, request) ?? (await service.handle(operation, request));
    const instead = after?.(operation, response);
    if (instead === "hang up") outgoing.destroy();
    else if (instead === "break off") breakOff(outgoing, response);
    else
      outgoing.writeHead((instead ?? response).status, (instead ?? response).headers).end((instead ?? response).body);
  };

  const testServer: S3TestServer = {
    endpoint,
    operations,
    interception: {},
    client: (config = {}) => {
      const credentials = { accessKeyId: "test", secretAccessKey: "test" };
      const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials, ...config });
      clients.push(client);
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await service.close();
    },
  };
  return testServer;
}

/** An S3 error as it comes over the wire. */
export function s3ErrorAnswer(status: number, code: string): ServiceResponse {
  const body = `<Error><Code>${code}</Code><Message>as the test wants it</Message></Error>`;
  return { status, headers: { "content-type": "application/xml" }, body };
}

/** Sends the head and half of the body, then closes the connection. */
function breakOff(outgoing: ServerResponse, response: ServiceResponse): void {
  const body = Buffer.from(response.body ?? "");
  outgoing.writeHead(response.status, response.headers);
  outgoing.write(body.subarray(0, body.length / 2), () => outgoing.destroy());
}

function toServiceRequest(incoming: IncomingMessage, body: Buffer): ServiceRequest {
  const [path = "/", query = ""] = (incoming.url ?? "/").split("?");
  const { method = "GET", headers } = incoming;
  return { method, path, query: new URLSearchParams(query), headers, body, signal: new AbortController().signal };
}
