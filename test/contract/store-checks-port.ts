/** Checks of the `Store` port. */

import { expect } from "vitest";
import { createS3Store } from "../../src/store/s3-store.ts";
import type { StoreCheck } from "./store-lab.ts";
import { listAll, patternBytes } from "./store-lab.ts";

export const portChecks: readonly StoreCheck[] = [
  {
    id: "port-round-trip",
    title: "an object comes back as it was put, and a second put replaces it",
    run: async ({ store }) => {
      await store.put("a/b", patternBytes(1000));
      expect(await store.get("a/b")).toEqual(new Uint8Array(patternBytes(1000)));
      await store.put("a/b", Buffer.from("newer"));
      expect(Buffer.from((await store.get("a/b")) ?? "").toString()).toBe("newer");
    },
  },
  {
    id: "port-missing",
    title: "a missing object is undefined, not an error",
    run: async ({ store }) => {
      expect(await store.get("missing")).toBeUndefined();
      expect(await store.get("missing", { start: -10 })).toBeUndefined();
    },
  },
  {
    id: "port-put-once",
    title: "the first putOnce wins and the second hears that an object exists (I2)",
    run: async ({ store }) => {
      expect(await store.putOnce("k", Buffer.from("first"))).toBe("written");
      expect(await store.putOnce("k", Buffer.from("second"))).toBe("exists");
      expect(Buffer.from((await store.get("k")) ?? "").toString()).toBe("first");
    },
  },
  {
    id: "port-race",
    title: "of 32 concurrent putOnce calls exactly one writes, and its bytes are what everybody reads (I2)",
    run: async ({ store }) => {
      // Bodies over 1 MiB take the slow way through a file, where a check made too early would let two pass.
      for (const sizeBytes of [100, 1_500_000]) {
        const bodies = Array.from({ length: 32 }, (_, racer) => patternBytes(sizeBytes, racer + 1));
        const outcomes = await Promise.all(bodies.map((body) => store.putOnce(`race/${sizeBytes}`, body)));
        const winners = bodies.filter((_, racer) => outcomes[racer] === "written");
        expect(winners).toHaveLength(1);
        expect(Buffer.compare((await store.get(`race/${sizeBytes}`)) ?? Buffer.of(), winners[0] ?? Buffer.of(1))).toBe(
          0,
        );
      }
    },
  },
  {
    id: "port-ranges",
    title: "ranges give the bytes from start to before end, to the end, or counted from the end",
    run: async ({ store }) => {
      await store.put("digits", Buffer.from("0123456789"));
      const text = async (start: number, end?: number): Promise<string> =>
        Buffer.from((await store.get("digits", { start, end })) ?? "").toString();
      expect(await text(2, 5)).toBe("234");
      expect(await text(0, 1)).toBe("0");
      expect(await text(7)).toBe("789");
      expect(await text(8, 1000)).toBe("89");
      expect(await text(-3)).toBe("789");
      expect(await text(-1000)).toBe("0123456789");
      expect(await text(0)).toBe("0123456789");
      await expect(text(10)).rejects.toMatchObject({ code: "store_failed", data: { reason: "InvalidRange" } });
    },
  },
  {
    id: "port-empty",
    title: "an empty object is an object",
    run: async ({ store }) => {
      expect(await store.putOnce("empty", new Uint8Array())).toBe("written");
      expect(await store.get("empty")).toHaveLength(0);
      expect(await store.get("empty", { start: 0 })).toHaveLength(0);
    },
  },
  {
    id: "port-large",
    title: "an object of several megabytes comes back whole and in ranges",
    run: async ({ store }) => {
      const body = patternBytes(3_000_001);
      await store.put("large", body);
      expect(Buffer.compare((await store.get("large")) ?? Buffer.of(), body)).toBe(0);
      const middle = await store.get("large", { start: 1_048_570, end: 2_097_160 });
      expect(Buffer.compare(middle ?? Buffer.of(), body.subarray(1_048_570, 2_097_160))).toBe(0);
    },
  },
  {
    id: "port-multipart",
    title: "an object over 100 MB goes in parts, also once only",
    run: async ({ store }) => {
      const body = Buffer.alloc(100_000_007, patternBytes(65_536));
      expect(await store.putOnce("huge", body)).toBe("written");
      expect(await store.putOnce("huge", body)).toBe("exists");
      const seam = { start: 16 * 1024 * 1024 - 5, end: 16 * 1024 * 1024 + 5 };
      expect(await store.get("huge", seam)).toEqual(new Uint8Array(body.subarray(seam.start, seam.end)));
      expect(await store.get("huge", { start: -7 })).toEqual(new Uint8Array(body.subarray(-7)));
    },
  },
  {
    id: "port-list",
    title: "2,300 keys are listed once each, in byte order, and deleted in batches",
    run: async ({ store }) => {
      const keys = Array.from({ length: 2300 }, (_, index) => `run/${String((index * 7919) % 2300).padStart(4, "0")}`);
      for (let start = 0; start < keys.length; start += 100) {
        await Promise.all(keys.slice(start, start + 100).map((key) => store.put(key, Buffer.from("x"))));
      }
      await store.put("other", Buffer.from("x"));
      expect(await listAll(store, "run/")).toEqual(keys.toSorted());
      await store.delete([...keys, "run/never-existed"]);
      expect(await listAll(store, "")).toEqual(["other"]);
    },
  },
  {
    id: "port-no-bucket",
    title: "a missing bucket is an error that names it and says what to do, also for get",
    run: async ({ client }) => {
      const store = createS3Store(client, "contract-no-such-bucket");
      const error = /^get s3:\/\/contract-no-such-bucket\/k failed: NoSuchBucket: .*create the bucket/;
      await expect(store.get("k")).rejects.toThrow(error);
      await expect(store.putOnce("k", Buffer.of(1))).rejects.toMatchObject({ retryable: false });
    },
  },
  {
    id: "port-abort",
    title: "an aborted call rejects with the signal's reason",
    run: async ({ store }) => {
      const reason = new Error("run cancelled");
      const controller = new AbortController();
      const pending = store.put("k", patternBytes(5_000_000), { signal: controller.signal });
      controller.abort(reason);
      await expect(pending).rejects.toBe(reason);
      await expect(store.get("k", undefined, { signal: controller.signal })).rejects.toBe(reason);
    },
  },
];
