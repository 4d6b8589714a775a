import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { InvalidOptionError, toError } from "../base/errors.ts";
import { AwsError, errorResponse, notImplemented } from "./aws-error.ts";
import type { SeenRequest } from "./cloud.ts";
import { refusalError } from "./failures.ts";
import type { EmbeddedFaults } from "./failures.ts";
import { HttpRequest, readBody } from "./http-request.ts";
import type { RequestCounter } from "./request-counter.ts";
import { isOwnHost, readSigner, refuseStranger } from "./request-guard.ts";
import type { Signer } from "./request-guard.ts";
import type { Service, ServiceResponse } from "./service.ts";

export interface HttpServerOptions {
  readonly port: number;
  /** Address of this machine at which containers reach it; listened on besides loopback. @default none */
  readonly hostAddress: string | undefined;
  readonly services: readonly Service[];
  readonly accessKeyIds: ReadonlySet<string>;
  readonly onRequest: ((seen: SeenRequest) => void) | undefined;
  readonly counter: RequestCounter;
  readonly faults: EmbeddedFaults;
  /** Answers paths that are served unsigned (a task's own metadata); undefined for all others. */
  readonly unsigned: (path: string) => ServiceResponse | undefined;
}

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on loopback, and where containers need it, and hands each request to the service that its signature names. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const services = new Map(options.services.map((service) => [service.name, service]));
  // Replies are small and latency is what counts: no Nagle. Idle connections stay open until the client or `close`
  // ends them, so that no request races with a keep-alive time-out.
  const create = (): Server =>
    createServer({ noDelay: true, keepAliveTimeout: 0 }, (incoming, response) => {
      void serve(incoming, response, options, services);
    });
  const server = create();
  const port = await listen(server, options.port, "127.0.0.1");
  if (options.hostAddress === undefined) return { port, close: () => closeServer(server) };
  const containersServer = create();
  try {
    await listen(containersServer, port, options.hostAddress);
  } catch (error) {
    await closeServer(server);
    throw error;
  }
  return {
    port,
    close: async () => {
      await Promise.all([server, containersServer].map(closeServer));
    },
  };
}

async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  options: HttpServerOptions,
  services: ReadonlyMap<string, Service>,
): Promise<void> {
  const signer = readSigner(incoming.headers);
  try {
    write(response, await reply(incoming, response, options, services, signer));
  } catch (error) {
    // A client that went away needs no answer; anything else is told in the service's own shape.
    incoming.resume();
    if (response.destroyed) return;
    write(response, errorResponse(shapeOf(incoming, signer), toAwsError(error)));
  }
}

async function reply(
  incoming: IncomingMessage,
  response: ServerResponse,
  options: HttpServerOptions,
  services: ReadonlyMap<string, Service>,
  signer: Signer | undefined,
): Promise<ServiceResponse> {
  const { host } = incoming.headers;
  if (!isOwnHost(host, options.hostAddress)) throw foreignHost(host, options.hostAddress);
  const unsigned = signer === undefined ? options.unsigned(incoming.url ?? "/") : undefined;
  if (unsigned !== undefined) return unsigned;
  const refusal = refuseStranger(signer, options.accessKeyIds);
  if (refusal !== undefined) throw refusal;

  const service = services.get(signer?.service ?? "");
  if (service === undefined) throw notImplemented(signer?.service ?? "an unnamed service", operationName(incoming));
  const request = new HttpRequest(incoming, response, await readBody(incoming));
  const operation = service.operationOf(request);
  if (operation === undefined) throw notImplemented(service.name, operationName(incoming));
  options.counter.count(service.name, operation);
  options.onRequest?.({ service: service.name, operation, accessKeyId: signer?.accessKeyId ?? "", request });
  const fault = options.faults.takeRequest(service.name, operation);
  if (fault?.kind === "refused") throw refusalError(service.name, operation, fault.refusal);
  const answer = await service.handle(operation, request);
  if (fault?.kind === "reply-lost") response.destroy();
  return answer;
}

function write(response: ServerResponse, reply: ServiceResponse): void {
  if (response.destroyed) return;
  const headers: Record<string, string | number> = { "x-amzn-requestid": randomUUID(), ...reply.headers };
  // A HEAD reply has no body and tells the object's length itself.
  if (reply.body !== undefined) headers["content-length"] = Buffer.byteLength(reply.body);
  else if (headers["content-length"] === undefined && reply.status !== 204) headers["content-length"] = 0;
  response.writeHead(reply.status, headers);
  response.end(reply.body);
}

function toAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  const message = `the embedded cloud failed: ${toError(error).stack ?? String(error)}`;
  return new AwsError("InternalFailure", message, { status: 500, modelled: false });
}

function foreignHost(host: string | undefined, hostAddress: string | undefined): AwsError {
  const own = hostAddress === undefined ? "" : ` or ${hostAddress}`;
  const message = `the Host header must name loopback (127.0.0.1, localhost, [::1])${own}, got ${host ?? "none"}`;
  return new AwsError("AccessDenied", message, { status: 403, modelled: false });
}

function operationName(incoming: IncomingMessage): string {
  const target = incoming.headers["x-amz-target"];
  return typeof target === "string" ? target : `${incoming.method ?? "GET"} ${incoming.url ?? "/"}`;
}

function shapeOf(incoming: IncomingMessage, signer: Signer | undefined): string {
  if (signer !== undefined) return signer.service;
  return incoming.headers["x-amz-target"] === undefined ? "s3" : "ecs";
}

function listen(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(cannotListen(error, port, address));
    });
    server.listen(port, address, () => {
      const bound = server.address();
      resolve(typeof bound === "object" && bound !== null ? bound.port : port);
    });
  });
}

function cannotListen(error: NodeJS.ErrnoException, port: number, address: string): Error {
  if (error.code === "EADDRNOTAVAIL") {
    return new InvalidOptionError(
      `hostAddress must be an IPv4 address of this machine, got ${address} (the gateway of the containers' network: ` +
        "docker network inspect bridge)",
      { hostAddress: address },
    );
  }
  if (error.code !== "EADDRINUSE" && error.code !== "EACCES") return error;
  const trouble = error.code === "EADDRINUSE" ? "is in use" : "needs more rights than this process has";
  return new InvalidOptionError(
    `port ${port} on ${address} ${trouble} (choose another \`port\`, or 0 for any free one)`,
    { port },
  );
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  await nextTurn(); // lets the replies to polls that have just ended go out
  server.closeAllConnections();
  await closed;
}
