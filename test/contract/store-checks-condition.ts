/** Checks of conditional requests. */

import { DeleteObjectCommand, DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "vitest";
import type { StoreCheck, StoreLab } from "./store-lab.ts";
import { listAll, s3Error } from "./store-lab.ts";

const OTHER_ETAG = '"00000000000000000000000000000000"';

async function countFulfilled(racers: readonly Promise<unknown>[]): Promise<number> {
  const outcomes = await Promise.allSettled(racers);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") expect(outcome.reason).toMatchObject(s3Error("PreconditionFailed", 412));
  }
  return outcomes.filter(({ status }) => status === "fulfilled").length;
}

function remove({ client, bucket }: StoreLab, Key: string, IfMatch: string): Promise<unknown> {
  return client.send(new DeleteObjectCommand({ Bucket: bucket, Key, IfMatch }));
}

export const conditionChecks: readonly StoreCheck[] = [
  {
    id: "put-if-absent",
    title: "of 32 concurrent puts with If-None-Match exactly one is stored, the others get 412",
    run: async ({ put, text }) => {
      const racers = Array.from({ length: 32 }, (_, racer) => put("k", { Body: `racer ${racer}`, IfNoneMatch: "*" }));
      expect(await countFulfilled(racers)).toBe(1);
      const outcomes = await Promise.allSettled(racers);
      expect(await text("k")).toBe(`racer ${outcomes.findIndex(({ status }) => status === "fulfilled")}`);
    },
  },
  {
    id: "put-if-absent-after-delete",
    title: "a put with If-None-Match succeeds again after a delete",
    run: async ({ store, put }) => {
      await put("k", { IfNoneMatch: "*" });
      await store.delete(["k"]);
      await put("k", { IfNoneMatch: "*" });
    },
  },
  {
    id: "put-if-match",
    title: "a put with If-Match replaces exactly the version it names: 412 for another, 404 for none",
    run: async ({ put, text }) => {
      const { etag } = await put("k", { Body: "one" });
      await expect(put("k", { Body: "two", IfMatch: OTHER_ETAG })).rejects.toMatchObject(
        s3Error("PreconditionFailed", 412),
      );
      await put("k", { Body: "two", IfMatch: etag });
      expect(await text("k")).toBe("two");
      await expect(put("missing", { IfMatch: etag })).rejects.toMatchObject(s3Error("NoSuchKey", 404));
    },
  },
  {
    id: "put-if-match-race",
    title: "of 16 writers that saw the same version exactly one replaces it",
    run: async ({ put }) => {
      const { etag } = await put("k", { Body: "start" });
      const racers = Array.from({ length: 16 }, (_, racer) => put("k", { Body: `racer ${racer}`, IfMatch: etag }));
      expect(await countFulfilled(racers)).toBe(1);
    },
  },
  {
    id: "put-other-conditions",
    title: "conditions that S3 does not know on a put are refused with 501, not ignored",
    run: async ({ put }) => {
      const { etag } = await put("k");
      for (const condition of [{ IfNoneMatch: etag }, { IfNoneMatch: "*", IfMatch: etag }]) {
        await expect(put("k", condition)).rejects.toMatchObject(s3Error("NotImplemented", 501));
      }
    },
  },
  {
    id: "get-conditions",
    title: "a reader with If-None-Match gets 304 for what it has, one with If-Match 412 for what changed",
    run: async ({ client, bucket, put }) => {
      const { etag } = await put("k", { Body: "hello" });
      const target = { Bucket: bucket, Key: "k" };
      for (const Command of [GetObjectCommand, HeadObjectCommand]) {
        const send = (condition: object) => client.send(new Command({ ...target, ...condition }));
        await expect(send({ IfNoneMatch: etag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
        await expect(send({ IfMatch: OTHER_ETAG })).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
        expect(await send({ IfMatch: etag, IfNoneMatch: OTHER_ETAG })).toMatchObject({ ContentLength: 5 });
      }
    },
  },
  {
    id: "delete-if-match",
    title: "a delete with If-Match removes only the version it names",
    run: async (lab) => {
      const { etag } = await lab.put("k");
      await expect(remove(lab, "k", OTHER_ETAG)).rejects.toMatchObject(s3Error("PreconditionFailed", 412));
      expect(await lab.text("k")).toBe("x");
      await remove(lab, "k", etag);
      expect(await lab.store.get("k")).toBeUndefined();
    },
  },
  {
    id: "delete-if-match-missing",
    title: "a delete with If-Match of a missing key is 404",
    run: async (lab) => {
      await expect(remove(lab, "missing", OTHER_ETAG)).rejects.toMatchObject(s3Error("NoSuchKey", 404));
    },
  },
  {
    id: "delete-many-etag",
    title: "DeleteObjects with an ETag keeps an object that has another, and reports it",
    run: async ({ client, bucket, store, put }) => {
      const { etag } = await put("a", { Body: "a" });
      await put("b", { Body: "b" });
      const Objects = ["a", "b"].map((Key) => ({ Key, ETag: etag }));
      const output = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
      expect(output.Errors).toMatchObject([{ Key: "b", Code: "PreconditionFailed" }]);
      expect(await listAll(store, "")).toEqual(["b"]);
    },
  },
];
