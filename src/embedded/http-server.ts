import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { randomUUID, X509Certificate } from "node:crypto";
import { createServer as createTlsServer } from "node:https";
import { setImmediate as nextTurn } from "node:timers/promises";
import { InvalidOptionError, toError } from "../base/errors.ts";
import { AwsError, errorResponse, notImplemented } from "./aws-error.ts";
import type { SeenRequest, TlsDoor } from "./cloud.ts";
import { refusalError } from "./failures.ts";
import type { EmbeddedFaults } from "./failures.ts";
import { HttpRequest, readBody } from "./http-request.ts";
import type { RequestCounter } from "./request-counter.ts";
import { certifiedHosts, loopbackHosts, readSigner, refuseStranger } from "./request-guard.ts";
import type { OwnHosts, Signer } from "./request-guard.ts";
import type { Service, ServiceResponse } from "./service.ts";

export interface HttpServerOptions {
  readonly port: number;
  /** Address of this machine at which containers reach it; listened on besides loopback. @default none */
  readonly hostAddress: string | undefined;
  readonly door: TlsDoor | undefined;
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
  readonly doorPort: number | undefined;
  close(): Promise<void>;
}

// Replies are small and latency is what counts: no Nagle. Idle connections stay open until the client or `close`
// ends them, so that no request races with a keep-alive time-out.
const sockets = { noDelay: true, keepAliveTimeout: 0 };

/** Listens on loopback, and where containers or the door need it, and hands each request to the service that its signature names. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { hostAddress, door } = options;
  const services = new Map(options.services.map((service) => [service.name, service]));
  const listenerFor =
    (ownHosts: OwnHosts): RequestListener =>
    (incoming, response) =>
      void serve(incoming, response, { ...options, services, ownHosts });
  const listener = listenerFor(loopbackHosts(hostAddress));
  const opened: Server[] = [];
  const open = async (server: Server, port: number, address: string): Promise<number> => {
    const bound = await listen(server, port, address);
    opened.push(server);
    return bound;
  };
  const close = async (): Promise<void> => {
    await Promise.all(opened.map(closeServer));
  };
  try {
    const port = await open(createServer(sockets, listener), options.port, "127.0.0.1");
    if (hostAddress !== undefined) await open(createServer(sockets, listener), port, hostAddress);
    const doorPort = door === undefined ? undefined : await open(doorServer(door, listenerFor), door.port, door.host);
    return { port, doorPort, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws InvalidOptionError for a certificate or a key that cannot be used */
function doorServer({ cert, key }: TlsDoor, listenerFor: (ownHosts: OwnHosts) => RequestListener): Server {
  try {
    const listener = listenerFor(certifiedHosts(new X509Certificate(cert)));
    return createTlsServer({ ...sockets, cert, key }, listener);
  } catch (error) {
    throw new InvalidOptionError(
      `the TLS certificate and its key cannot be used: ${toError(error).message} (both are PEM, and belong together)`,
    );
  }
}

interface ServeOptions extends Omit<HttpServerOptions, "services"> {
  readonly services: ReadonlyMap<string, Service>;
  readonly ownHosts: OwnHosts;
}

async function serve(incoming: IncomingMessage, response: ServerResponse, options: ServeOptions): Promise<void> {
  const signer = readSigner(incoming.headers);
  try {
    write(response, await reply(incoming, response, options, signer));
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
  options: ServeOptions,
  signer: Signer | undefined,
): Promise<ServiceResponse> {
  const { host } = incoming.headers;
  if (host === undefined || !options.ownHosts.includes(host)) throw foreignHost(host, options.ownHosts);
  const unsigned = signer === undefined ? options.unsigned(incoming.url ?? "/") : undefined;
  if (unsigned !== undefined) return unsigned;
  const refusal = refuseStranger(signer, options.accessKeyIds);
  if (refusal !== undefined) throw refusal;

  const service = options.services.get(signer?.service ?? "");
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

function foreignHost(host: string | undefined, { named }: OwnHosts): AwsError {
  const message = `the Host header must name ${named}, got ${host ?? "none"}`;
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
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND") {
    return new InvalidOptionError(
      `the host to listen on must be an address of this machine, got ${address} (containers reach it at the gateway of ` +
        "their network: docker network inspect bridge)",
      { host: address },
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
