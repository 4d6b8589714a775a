import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "./aws-error.ts";
import type { ServiceRequest } from "./service.ts";

const emptyBody = Buffer.alloc(0);

/** A single S3 PUT may be larger on AWS; here bodies are held in memory, and Cloudburst's packs stay far below this. */
const maxBodyBytes = 1024 ** 3;

/** Node's request as services see it. Query and signal are made only when asked for: most requests need neither. */
export class HttpRequest implements ServiceRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly #queryText: string;
  readonly #response: ServerResponse;
  #query: URLSearchParams | undefined;
  #signal: AbortSignal | undefined;

  constructor(incoming: IncomingMessage, response: ServerResponse, body: Buffer) {
    const target = incoming.url ?? "/";
    const mark = target.indexOf("?");
    this.method = incoming.method ?? "GET";
    this.path = mark === -1 ? target : target.slice(0, mark);
    this.#queryText = mark === -1 ? "" : target.slice(mark + 1);
    this.headers = incoming.headers;
    this.body = body;
    this.#response = response;
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.#queryText));
  }

  get signal(): AbortSignal {
    return (this.#signal ??= disconnectSignal(this.#response));
  }
}

function disconnectSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const gone = (): void => {
    // "close" also follows a reply that was sent whole.
    if (!response.writableFinished) controller.abort(new Error("the client went away"));
  };
  if (response.destroyed) gone();
  else response.once("close", gone);
  return controller.signal;
}

/** The whole body; rejects when the client goes away before its end. */
export function readBody(incoming: IncomingMessage): Promise<Buffer> {
  if (incoming.headers["content-length"] === undefined && incoming.headers["transfer-encoding"] === undefined) {
    incoming.resume();
    return Promise.resolve(emptyBody);
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBodyBytes) chunks.push(chunk);
    });
    incoming.once("end", () => {
      if (bytes > maxBodyBytes) reject(bodyTooLarge(bytes));
      else resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes));
    });
    incoming.once("error", reject);
  });
}

function bodyTooLarge(bytes: number): AwsError {
  const message = `the request body has ${bytes} bytes; the embedded cloud takes at most ${maxBodyBytes}`;
  return new AwsError("EntityTooLarge", message, { status: 413, modelled: false });
}
