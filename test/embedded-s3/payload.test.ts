import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { openPayload } from "../../src/embedded/s3/payload.ts";
import type { ServiceRequest } from "../../src/embedded/service.ts";

function putRequest(body: Buffer | string, headers: Readonly<Record<string, string>>): ServiceRequest {
  const signal = new AbortController().signal;
  return { method: "PUT", path: "/b/k", query: new URLSearchParams(), headers, body: Buffer.from(body), signal };
}

function chunkedRequest(
  body: Buffer | string,
  decodedLength: number,
  more: Readonly<Record<string, string>> = {},
): ServiceRequest {
  const headers = {
    "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "content-encoding": "aws-chunked",
    "x-amz-decoded-content-length": String(decodedLength),
    ...more,
  };
  return putRequest(body, headers);
}

function crc32Of(text: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return bytes.toString("base64");
}

describe("a request's payload", () => {
  it("is taken out of unsigned chunks, and the trailing checksum is verified", () => {
    const trailer = { "x-amz-trailer": "x-amz-checksum-crc32" };
    const good = `5\r\nhello\r\n0\r\nx-amz-checksum-crc32:${crc32Of("hello")}\r\n\r\n`;
    const payload = openPayload(chunkedRequest(good, 5, trailer));
    expect(payload.data.toString()).toBe("hello");
    expect(payload.claimed).toEqual({ algorithm: "crc32", value: crc32Of("hello") });
    const bad = good.replace(crc32Of("hello"), crc32Of("other"));
    expect(() => openPayload(chunkedRequest(bad, 5, trailer))).toThrow(expect.objectContaining({ code: "BadDigest" }));
  });

  it("is taken out of signed chunks, with and without signed trailers", () => {
    const signature = "chunk-signature=" + "0".repeat(64);
    const big = "a".repeat(8192);
    const chunks = `2000;${signature}\r\n${big}\r\n3;${signature}\r\nend\r\n0;${signature}\r\n`;
    const plain = { "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" };
    expect(openPayload(chunkedRequest(`${chunks}\r\n`, 8195, plain)).data.toString()).toBe(`${big}end`);
    const trailed = {
      "x-amz-content-sha256": `${plain["x-amz-content-sha256"]}-TRAILER`,
      "x-amz-trailer": "x-amz-checksum-sha256",
    };
    const sha256 = createHash("sha256").update(`${big}end`).digest("base64");
    const body = `${chunks}x-amz-checksum-sha256:${sha256}\r\nx-amz-trailer-signature:${"0".repeat(64)}\r\n\r\n`;
    expect(openPayload(chunkedRequest(body, 8195, trailed)).claimed?.value).toBe(sha256);
  });

  it("may hold anything that looks like the framing", () => {
    const tricky = "0\r\n\r\n5\r\nhello\r\n";
    const body = `${tricky.length.toString(16)}\r\n${tricky}\r\n0\r\n\r\n`;
    expect(openPayload(chunkedRequest(body, tricky.length)).data.toString()).toBe(tricky);
  });

  it.each([
    ["a length that was announced otherwise", "5\r\nhello\r\n0\r\n\r\n", 6, "IncompleteBody"],
    ["a body that breaks off in a chunk", "5\r\nhel", 5, "IncompleteBody"],
    ["a body without its last chunk", "5\r\nhello\r\n", 5, "IncompleteBody"],
    ["a chunk that is longer than it says", "3\r\nhello\r\n0\r\n\r\n", 3, "IncompleteBody"],
    ["a size that is no number", "five\r\nhello\r\n0\r\n\r\n", 5, "IncompleteBody"],
    ["a trailer that is no header", "5\r\nhello\r\n0\r\nnonsense\r\n\r\n", 5, "MalformedTrailerError"],
    ["a chunk under 8 KiB before the last", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", 5, "InvalidChunkSizeError"],
  ])("is refused for %s", (_, body, decodedLength, code) => {
    expect(() => openPayload(chunkedRequest(body, decodedLength))).toThrow(expect.objectContaining({ code }));
  });

  it("is refused when an announced trailer does not come, or no length is told", () => {
    const missing = chunkedRequest("5\r\nhello\r\n0\r\n\r\n", 5, { "x-amz-trailer": "x-amz-checksum-crc32" });
    expect(() => openPayload(missing)).toThrow(expect.objectContaining({ code: "MalformedTrailerError" }));
    const unknownLength = putRequest("hello", { "transfer-encoding": "chunked" });
    expect(() => openPayload(unknownLength)).toThrow(expect.objectContaining({ code: "MissingContentLength" }));
  });
});
