/** Checks of calls on buckets. */

import { CreateBucketCommand, DeleteBucketCommand, HeadBucketCommand, ListBucketsCommand } from "@aws-sdk/client-s3";
import { expect } from "vitest";
import type { StoreCheck } from "./store-lab.ts";
import { s3Error } from "./store-lab.ts";

export const bucketChecks: readonly StoreCheck[] = [
  {
    id: "bucket-life",
    title: "a bucket is listed, refuses to go while it holds an object, and is gone after DeleteBucket",
    run: async ({ client, bucket, store, put }) => {
      const Bucket = bucket;
      await client.send(new HeadBucketCommand({ Bucket }));
      const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
      expect(Buckets.map(({ Name }) => Name)).toContain(bucket);
      await put("k");
      await expect(client.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject(
        s3Error("BucketNotEmpty", 409),
      );
      await store.delete(["k"]);
      await client.send(new DeleteBucketCommand({ Bucket }));
      await expect(client.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject(s3Error("NotFound", 404));
      await expect(put("k")).rejects.toMatchObject(s3Error("NoSuchBucket", 404));
    },
  },
  {
    id: "bucket-name",
    title: "a name that AWS would refuse is refused",
    run: async ({ client }) => {
      for (const Bucket of ["Capitals", "under_score", "ab", "dots..dots", "192.168.0.1", "-starts"]) {
        const created = client.send(new CreateBucketCommand({ Bucket }));
        await expect(created, Bucket).rejects.toMatchObject(s3Error("InvalidBucketName", 400));
      }
    },
  },
];
