/** Checks of ListObjectsV2. */

import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import { expect } from "vitest";
import type { StoreCheck, StoreLab } from "./store-lab.ts";
import { s3Error } from "./store-lab.ts";

type ListInput = Omit<ConstructorParameters<typeof ListObjectsV2Command>[0], "Bucket">;

function list({ client, bucket }: StoreLab, input: ListInput = {}): Promise<ListObjectsV2CommandOutput> {
  return client.send(new ListObjectsV2Command({ Bucket: bucket, ...input }));
}

async function fill(lab: StoreLab, keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((key) => lab.put(key)));
}

const keysOf = (page: ListObjectsV2CommandOutput) => (page.Contents ?? []).map(({ Key }) => Key);
const prefixesOf = (page: ListObjectsV2CommandOutput) => (page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix);

export const listChecks: readonly StoreCheck[] = [
  {
    id: "list-entries",
    title: "a listing tells size, ETag and time of each object, and an empty one is empty",
    run: async (lab) => {
      expect(await list(lab)).toMatchObject({ KeyCount: 0, IsTruncated: false });
      const { etag } = await lab.put("k", { Body: "12345" });
      const { Contents = [] } = await list(lab);
      expect(Contents).toMatchObject([{ Key: "k", Size: 5, ETag: etag }]);
      expect(Contents[0]?.LastModified).toBeInstanceOf(Date);
    },
  },
  {
    id: "list-delimiter",
    title: "a delimiter groups keys behind a prefix, and both count for the page",
    run: async (lab) => {
      await fill(lab, ["a/1", "a/2", "b", "c/d/e", "c/f", "z"]);
      const top = await list(lab, { Delimiter: "/" });
      expect([keysOf(top), prefixesOf(top), top.KeyCount]).toEqual([["b", "z"], ["a/", "c/"], 4]);
      const inner = await list(lab, { Delimiter: "/", Prefix: "c/" });
      expect([keysOf(inner), prefixesOf(inner)]).toEqual([["c/f"], ["c/d/"]]);
    },
  },
  {
    id: "list-pages",
    title: "pages of one entry each give every key and every group once",
    run: async (lab) => {
      await fill(lab, ["a/1", "a/2", "b", "c/1", "d😀/1", "d😀/2", "e"]);
      const seen: (string | undefined)[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await list(lab, { Delimiter: "/", MaxKeys: 1, ContinuationToken });
        seen.push(...keysOf(page), ...prefixesOf(page));
        expect(page.IsTruncated).toBe(page.NextContinuationToken !== undefined);
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      expect(seen).toEqual(["a/", "b", "c/", "d😀/", "e"]);
    },
  },
  {
    id: "list-start-after",
    title: "a listing starts behind StartAfter, whether or not there is such a key",
    run: async (lab) => {
      await fill(lab, ["a", "b", "c", "d"]);
      expect(keysOf(await list(lab, { StartAfter: "b" }))).toEqual(["c", "d"]);
      expect(keysOf(await list(lab, { StartAfter: "bb" }))).toEqual(["c", "d"]);
      expect(keysOf(await list(lab, { StartAfter: "d" }))).toEqual([]);
    },
  },
  {
    id: "list-changes",
    title: "a listing shows every put and delete that ended before it",
    run: async (lab) => {
      for (let round = 0; round < 20; round += 1) {
        await lab.put(`k${round % 7}`);
        await lab.store.delete([`k${(round * 3) % 5}`]);
        await lab.put(`m${round}`);
        const keys = keysOf(await list(lab));
        expect(keys).toContain(`m${round}`);
        expect(keys).not.toContain(`k${(round * 3) % 5}`);
        expect(keys).toEqual(keys.toSorted());
      }
    },
  },
  {
    id: "list-url-encoding",
    title: "keys are percent-encoded on request",
    run: async (lab) => {
      await lab.put("a b/ü+(1)");
      expect(keysOf(await list(lab, { EncodingType: "url" }))).toEqual(["a+b/%C3%BC%2B%281%29"]);
    },
  },
  {
    id: "list-max-keys",
    title: "MaxKeys 0 gives nothing, more than 1,000 gives 1,000, a negative number is refused",
    run: async (lab) => {
      await lab.put("k");
      expect(await list(lab, { MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
      expect(await list(lab, { MaxKeys: 5000 })).toMatchObject({ KeyCount: 1, MaxKeys: 1000 });
      await expect(list(lab, { MaxKeys: -1 })).rejects.toMatchObject(s3Error("InvalidArgument", 400));
    },
  },
];
