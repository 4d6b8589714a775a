/** What the embedded cloud's HTTP server hands to a service and takes back from it. */

import type { IncomingHttpHeaders } from "node:http";

export interface ServiceRequest {
  readonly method: string;
  /** Path as sent, still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Aborts when the client goes away (ends a long poll early). */
  readonly signal: AbortSignal;
}

export interface ServiceResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface Service {
  /** As the AWS SDK names it: `sqs`, `s3`, `ecs`. */
  readonly name: string;
  /** Operation that the request asks for, as AWS names it (`SendMessage`), or undefined when it is not this service's. */
  operationOf(request: ServiceRequest): string | undefined;
  handle(operation: string, request: ServiceRequest): Promise<ServiceResponse>;
  /** Ends what is under way: long polls answer, worker processes stop. */
  close(): Promise<void>;
}
