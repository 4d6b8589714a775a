/**
 * The `aws-chunked` body coding: `size[;chunk-signature=…]\r\n data \r\n`, repeated, an empty chunk, then trailers
 * (`name:value\r\n`) and an empty line. Signatures are not checked: the embedded cloud checks access keys only.
 */

import { S3Error } from "./s3-error.ts";

export interface DecodedBody {
  readonly data: Buffer;
  readonly trailers: ReadonlyMap<string, string>;
}

const CRLF = "\r\n";
// S3 refuses smaller chunks except for the last; a stream that would fail there must fail here.
const MIN_CHUNK_BYTES = 8192;

interface Chunk {
  readonly data: Buffer;
  /** Where the next chunk starts. */
  readonly next: number;
}

export function decodeAwsChunked(body: Buffer): DecodedBody {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const chunk = readChunk(body, at);
    at = chunk.next;
    if (chunk.data.length === 0) break;
    if ((chunks.at(-1)?.length ?? MIN_CHUNK_BYTES) < MIN_CHUNK_BYTES) throw new S3Error("InvalidChunkSizeError");
    chunks.push(chunk.data);
  }
  const [only] = chunks;
  const data = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
  return { data, trailers: parseTrailers(body.toString("latin1", at)) };
}

function readChunk(body: Buffer, at: number): Chunk {
  const lineEnd = body.indexOf(CRLF, at);
  const head = lineEnd < 0 ? undefined : /^([0-9a-f]{1,13})(?:;.*)?$/i.exec(body.toString("latin1", at, lineEnd));
  if (head?.[1] === undefined) throw new S3Error("IncompleteBody");
  const start = lineEnd + CRLF.length;
  const size = Number.parseInt(head[1], 16);
  // The empty chunk has no data line: what follows are the trailers.
  if (size === 0) return { data: body.subarray(start, start), next: start };
  const end = start + size;
  if (body.toString("latin1", end, end + CRLF.length) !== CRLF) throw new S3Error("IncompleteBody");
  return { data: body.subarray(start, end), next: end + CRLF.length };
}

function parseTrailers(text: string): ReadonlyMap<string, string> {
  const trailers = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    if (line === "") continue;
    const colon = line.indexOf(":");
    if (colon < 1) throw new S3Error("MalformedTrailerError");
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return trailers;
}
