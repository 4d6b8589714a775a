/** Checks of single objects: bodies, checksums, headers, keys, ranges. */

import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { DeleteObjectCommand, DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "vitest";
import type { StoreCheck } from "./store-lab.ts";
import { listAll, patternBytes, s3Error } from "./store-lab.ts";

/** Keys that XML, URLs or careless code might change. */
const ODD_KEYS = [
  "plain",
  "space and+plus%20percent",
  "a//b/../c/./d/",
  "/leading",
  "&<>\"'amp;&amp;",
  "carriage\rreturn\nnewline\ttab",
  "ünïcödé/ключ/鍵",
  "emoji/😀/\u{10ffff}",
  "private/\ue000\uffee",
  "query?x=1#hash;semi=colon,comma",
  " ends with a space ",
  "é".repeat(512),
];

export const objectChecks: readonly StoreCheck[] = [
  {
    id: "object-stream",
    title: "a stream is stored without the framing in which it travelled",
    run: async ({ client, bucket, put }) => {
      const body = patternBytes(300_054);
      // All chunks but the last have at least the 8 KiB that S3 wants.
      const pieces = [body.subarray(0, 65_536), body.subarray(65_536, 200_000), body.subarray(200_000)];
      await put("streamed", { Body: Readable.from(pieces), ContentLength: body.length, ContentEncoding: "identity" });
      const output = await client.send(new GetObjectCommand({ Bucket: bucket, Key: "streamed" }));
      expect(output.ContentLength).toBe(body.length);
      expect(output.ContentEncoding).toBe("identity");
      expect(Buffer.compare((await output.Body?.transformToByteArray()) ?? Buffer.of(), body)).toBe(0);
    },
  },
  {
    id: "object-etag",
    title: "the ETag is the quoted MD5 of the body",
    run: async ({ put }) => {
      const { etag } = await put("k", { Body: "hello" });
      expect(etag).toBe(`"${createHash("md5").update("hello").digest("hex")}"`);
    },
  },
  {
    id: "object-bad-checksum",
    title: "a body that does not fit its checksum is refused and not stored",
    run: async ({ store, put }) => {
      const wrong = [
        { ChecksumCRC32: "AAAAAA==" },
        { ChecksumSHA1: createHash("sha1").update("other").digest("base64") },
        { ChecksumSHA256: createHash("sha256").update("other").digest("base64") },
        { ContentMD5: createHash("md5").update("other").digest("base64") },
      ];
      for (const checksum of wrong) {
        await expect(put("k", { Body: "hello", ...checksum })).rejects.toMatchObject(s3Error("BadDigest", 400));
      }
      expect(await store.get("k")).toBeUndefined();
    },
  },
  {
    id: "object-checksum",
    title: "the checksum comes back when the reader asks for it",
    run: async ({ client, bucket, put }) => {
      const sum = Buffer.alloc(4);
      sum.writeUInt32BE(crc32("hello"));
      await put("k", { Body: "hello", ChecksumAlgorithm: "CRC32" });
      const get = new GetObjectCommand({ Bucket: bucket, Key: "k", ChecksumMode: "ENABLED" });
      expect((await client.send(get)).ChecksumCRC32).toBe(sum.toString("base64"));
    },
  },
  {
    id: "object-algorithms",
    title: "bodies with any of the SDK's checksum algorithms are taken and read back",
    run: async ({ put, text }) => {
      for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
        await put(ChecksumAlgorithm, { Body: `with ${ChecksumAlgorithm}`, ChecksumAlgorithm });
        expect(await text(ChecksumAlgorithm)).toBe(`with ${ChecksumAlgorithm}`);
      }
    },
  },
  {
    id: "object-head",
    title: "HEAD tells length, type, metadata and time without a body, and 404 for a missing key",
    run: async ({ client, bucket, put }) => {
      const { etag } = await put("k", { Body: "12345", ContentType: "text/plain", Metadata: { attempt: "3" } });
      const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: "k" }));
      expect(head).toMatchObject({
        ContentLength: 5,
        ContentType: "text/plain",
        ETag: etag,
        Metadata: { attempt: "3" },
      });
      expect(head.LastModified).toBeInstanceOf(Date);
      const missing = client.send(new HeadObjectCommand({ Bucket: bucket, Key: "missing" }));
      await expect(missing).rejects.toMatchObject(s3Error("NotFound", 404));
    },
  },
  {
    id: "object-range",
    title: "a range is answered with 206 and Content-Range, one behind the end with InvalidRange",
    run: async ({ client, bucket, put }) => {
      await put("k", { Body: "0123456789" });
      const get = (Range: string) => client.send(new GetObjectCommand({ Bucket: bucket, Key: "k", Range }));
      const part = await get("bytes=2-4");
      expect(part).toMatchObject({
        ContentRange: "bytes 2-4/10",
        ContentLength: 3,
        $metadata: { httpStatusCode: 206 },
      });
      expect(await part.Body?.transformToString()).toBe("234");
      await expect(get("bytes=10-")).rejects.toMatchObject(s3Error("InvalidRange", 416));
      await expect(get("bytes=-0")).rejects.toMatchObject(s3Error("InvalidRange", 416));
    },
  },
  {
    id: "object-odd-keys",
    title: "odd keys are stored, listed in UTF-8 byte order, read, and deleted one by one and in bulk",
    run: async ({ client, bucket, store, put, text }) => {
      for (const Key of ODD_KEYS) await put(Key, { Body: Key });
      for (const Key of ODD_KEYS) expect(await text(Key)).toBe(Key);
      const ordered = ODD_KEYS.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
      expect(await listAll(store, "")).toEqual(ordered);
      const [first = "", ...others] = ODD_KEYS;
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: first }));
      await store.delete(others);
      expect(await listAll(store, "")).toEqual([]);
    },
  },
  {
    id: "object-long-key",
    title: "a key of 1,024 bytes is taken, one more is refused",
    run: async ({ put }) => {
      await put("k".repeat(1024));
      await expect(put("k".repeat(1025))).rejects.toMatchObject(s3Error("KeyTooLongError", 400));
      await expect(put(`${"é".repeat(512)}k`)).rejects.toMatchObject(s3Error("KeyTooLongError", 400));
    },
  },
  {
    id: "object-delete-many",
    title: "DeleteObjects lists what it deleted, or nothing when it is to be quiet",
    run: async ({ client, bucket, put }) => {
      await put("a");
      const remove = (Key: string, Quiet: boolean) =>
        client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [{ Key }, { Key: "no" }], Quiet } }));
      expect((await remove("a", false)).Deleted).toEqual([{ Key: "a" }, { Key: "no" }]);
      expect((await remove("b", true)).Deleted).toBeUndefined();
    },
  },
  {
    id: "object-delete-too-many",
    title: "DeleteObjects refuses more than 1,000 keys",
    run: async ({ client, bucket }) => {
      const Objects = Array.from({ length: 1001 }, (_, index) => ({ Key: String(index) }));
      const remove = client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
      await expect(remove).rejects.toMatchObject(s3Error("MalformedXML", 400));
    },
  },
];
