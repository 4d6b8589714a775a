/** Checks of multipart uploads. */

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { ChecksumAlgorithm, CompletedPart, CompleteMultipartUploadCommandOutput } from "@aws-sdk/client-s3";
import { expect } from "vitest";
import type { StoreCheck, StoreLab } from "./store-lab.ts";
import { patternBytes, s3Error } from "./store-lab.ts";

const MIN_PART_BYTES = 5 * 1024 * 1024;

interface OpenUpload {
  part(PartNumber: number, Body: Uint8Array, checksum?: ChecksumAlgorithm): Promise<CompletedPart>;
  complete(Parts: CompletedPart[], IfNoneMatch?: string): Promise<CompleteMultipartUploadCommandOutput>;
  abort(): Promise<unknown>;
}

async function open({ client, bucket }: StoreLab, algorithm?: ChecksumAlgorithm): Promise<OpenUpload> {
  const checksum = algorithm === undefined ? {} : { ChecksumAlgorithm: algorithm };
  const target = { Bucket: bucket, Key: "big" };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ...checksum }));
  const upload = { ...target, UploadId };
  return {
    part: async (PartNumber, Body, ChecksumAlgorithm = algorithm) => {
      const output = await client.send(new UploadPartCommand({ ...upload, ChecksumAlgorithm, PartNumber, Body }));
      const { ETag, ChecksumCRC32, ChecksumSHA256 } = output;
      // By default the SDK gives every part a CRC32, which is listed only in an upload that asked for it.
      return { PartNumber, ETag, ...(algorithm !== undefined && { ChecksumCRC32, ChecksumSHA256 }) };
    },
    complete: (Parts, IfNoneMatch) =>
      client.send(new CompleteMultipartUploadCommand({ ...upload, IfNoneMatch, MultipartUpload: { Parts } })),
    abort: () => client.send(new AbortMultipartUploadCommand(upload)),
  };
}

async function uploadThree(
  lab: StoreLab,
  algorithm?: ChecksumAlgorithm,
): Promise<CompleteMultipartUploadCommandOutput> {
  const upload = await open(lab, algorithm);
  const body = patternBytes(2 * MIN_PART_BYTES + 17);
  // Out of order, and one part twice: the last of a number counts.
  const third = await upload.part(9, body.subarray(2 * MIN_PART_BYTES));
  await upload.part(1, patternBytes(100, 99));
  const second = await upload.part(2, body.subarray(MIN_PART_BYTES, 2 * MIN_PART_BYTES));
  const first = await upload.part(1, body.subarray(0, MIN_PART_BYTES));
  const completed = await upload.complete([first, second, third]);
  expect(Buffer.compare((await lab.store.get("big")) ?? Buffer.of(), body)).toBe(0);
  const seam = { start: MIN_PART_BYTES - 3, end: 2 * MIN_PART_BYTES + 3 };
  const across = await lab.store.get("big", seam);
  expect(Buffer.compare(across ?? Buffer.of(), body.subarray(seam.start, seam.end))).toBe(0);
  return completed;
}

export const multipartChecks: readonly StoreCheck[] = [
  {
    id: "multipart",
    title: "parts become one object in the order of their numbers, with the ETag of a multipart object",
    run: async (lab) => {
      const { ETag } = await uploadThree(lab);
      const body = patternBytes(2 * MIN_PART_BYTES + 17);
      const md5 = (from: number, to?: number) => createHash("md5").update(body.subarray(from, to)).digest();
      const parts = [md5(0, MIN_PART_BYTES), md5(MIN_PART_BYTES, 2 * MIN_PART_BYTES), md5(2 * MIN_PART_BYTES)];
      expect(ETag).toBe(`"${createHash("md5").update(Buffer.concat(parts)).digest("hex")}-3"`);
    },
  },
  {
    id: "multipart-checksum",
    title: "with a checksum algorithm the object has a checksum of its parts' checksums",
    run: async (lab) => {
      const { ChecksumSHA256 } = await uploadThree(lab, "SHA256");
      expect(ChecksumSHA256).toMatch(/^[A-Za-z0-9+/]{43}=-3$/);
      const get = new GetObjectCommand({ Bucket: lab.bucket, Key: "big", ChecksumMode: "ENABLED" });
      const output = await lab.client.send(get);
      expect(output.ChecksumSHA256).toBe(ChecksumSHA256);
      expect(await output.Body?.transformToByteArray()).toHaveLength(2 * MIN_PART_BYTES + 17);
    },
  },
  {
    id: "multipart-part-checksums",
    title: "an upload with a checksum algorithm is not completed without the parts' checksums",
    run: async (lab) => {
      const upload = await open(lab, "CRC32");
      const { PartNumber, ETag } = await upload.part(1, Buffer.from("one"));
      await expect(upload.complete([{ PartNumber, ETag }])).rejects.toMatchObject(s3Error("InvalidRequest", 400));
    },
  },
  {
    id: "multipart-unasked-checksums",
    title: "an upload without a checksum algorithm is not completed with checksums of its parts",
    run: async (lab) => {
      const upload = await open(lab);
      const part = await upload.part(1, Buffer.from("hello"), "CRC32");
      const sum = Buffer.alloc(4);
      sum.writeUInt32BE(crc32("hello"));
      const withChecksum = { ...part, ChecksumCRC32: sum.toString("base64") };
      await expect(upload.complete([withChecksum])).rejects.toMatchObject(s3Error("InvalidPart", 400));
      await upload.complete([part]);
    },
  },
  {
    id: "multipart-once",
    title: "of two uploads completed with If-None-Match one wins, and a finished object keeps the others out",
    run: async (lab) => {
      const uploads = await Promise.all(
        ["first", "second"].map(async (text) => {
          const upload = await open(lab);
          return { upload, parts: [await upload.part(1, Buffer.from(text))] };
        }),
      );
      const outcomes = await Promise.allSettled(uploads.map(({ upload, parts }) => upload.complete(parts, "*")));
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      const loser = outcomes.find((outcome) => outcome.status === "rejected");
      expect(loser?.reason).toMatchObject(s3Error("PreconditionFailed", 412));
    },
  },
  {
    id: "multipart-bad-lists",
    title: "a wrong order, an unknown part, a wrong ETag and a part that is too small are refused by name",
    run: async (lab) => {
      const upload = await open(lab);
      const first = await upload.part(1, Buffer.from("small"));
      const second = await upload.part(2, Buffer.from("last"));
      await expect(upload.complete([second, first])).rejects.toMatchObject(s3Error("InvalidPartOrder", 400));
      await expect(upload.complete([first, second])).rejects.toMatchObject(s3Error("EntityTooSmall", 400));
      const unknown = { ...second, PartNumber: 3 };
      await expect(upload.complete([unknown])).rejects.toMatchObject(s3Error("InvalidPart", 400));
      const changed = { ...first, ETag: second.ETag };
      await expect(upload.complete([changed])).rejects.toMatchObject(s3Error("InvalidPart", 400));
      await upload.complete([first]);
      expect(await lab.text("big")).toBe("small");
    },
  },
  {
    id: "multipart-abort",
    title: "an aborted upload leaves no object and takes no more parts",
    run: async (lab) => {
      const upload = await open(lab);
      const part = await upload.part(1, Buffer.from("one"));
      await upload.abort();
      await expect(upload.complete([part])).rejects.toMatchObject(s3Error("NoSuchUpload", 404));
      await expect(upload.part(2, Buffer.from("two"))).rejects.toMatchObject(s3Error("NoSuchUpload", 404));
      expect(await lab.store.get("big")).toBeUndefined();
    },
  },
];
