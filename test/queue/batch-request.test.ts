import { expect, it } from "vitest";
import { performBatch } from "../../src/queue/batch-request.ts";

/** A clock that remembers what it was asked to wait. */
function recordingWorld() {
  const waitsMs: number[] = [];
  const clock = {
    now: () => 0,
    sleep: async (ms: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      waitsMs.push(ms);
    },
  };
  return { waitsMs, clock, random: () => 1 };
}

const throttled = (Id: string): object => ({ Id, SenderFault: false, Code: "RequestThrottled", Message: "slow down" });
const wrong = (Id: string): object => ({ Id, SenderFault: true, Code: "InvalidMessageContents", Message: "not XML" });

interface Failed {
  readonly Id: string;
  readonly SenderFault: boolean;
  readonly Code: string;
}

it("only entries that failed by SQS's fault are sent again, after a growing wait", async () => {
  const world = recordingWorld();
  const sent: string[][] = [];
  const replies = [[throttled("1"), throttled("2")], [throttled("2")], []] as Failed[][];
  const failed = await performBatch(
    ["a", "b", "c"],
    async (entries) => {
      sent.push(entries.map(({ item }) => item));
      return replies[sent.length - 1];
    },
    world,
    undefined,
  );
  expect(sent).toEqual([["a", "b", "c"], ["b", "c"], ["c"]]);
  expect(world.waitsMs).toEqual([100, 200]);
  expect(failed).toEqual([]);
});

it("entries that failed by the sender's fault are told and not sent again", async () => {
  let requests = 0;
  const send = async (): Promise<Failed[]> => (requests++ === 0 ? ([wrong("0"), throttled("1")] as Failed[]) : []);
  const failed = await performBatch(["a", "b"], send, recordingWorld(), undefined);
  expect(requests).toBe(2);
  expect(failed).toEqual([{ index: 0, code: "InvalidMessageContents", message: "not XML", senderFault: true }]);
});

it("an entry that fails four times is told, whoever is at fault", async () => {
  let requests = 0;
  const send = async (): Promise<Failed[]> => {
    requests += 1;
    return [throttled("0")] as Failed[];
  };
  const failed = await performBatch(["a"], send, recordingWorld(), undefined);
  expect(requests).toBe(4);
  expect(failed).toMatchObject([{ index: 0, code: "RequestThrottled", senderFault: false }]);
});

it("an abort ends the wait between tries", async () => {
  const leaving = new AbortController();
  const send = async (): Promise<Failed[]> => {
    leaving.abort(new Error("enough"));
    return [throttled("0")] as Failed[];
  };
  await expect(performBatch(["a"], send, recordingWorld(), leaving.signal)).rejects.toThrow("enough");
});
