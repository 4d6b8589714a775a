import { describe, expect, test } from "vitest";
import { caseOf } from "../../src/flow/case.ts";
import { Flow } from "../../src/index.ts";
import { tags } from "../../src/flow/tags.ts";
import { task } from "../../src/flow/task.ts";
import { flow, taskNode, thrownBy } from "./support.ts";

const inc = task("inc", (x: number) => x + 1);
const tagged = task("tagged", (x: number) => x, { tags: ["own"] });

describe("tags(…)", () => {
  test("tags every task that is added inside, besides its own tags, and returns what the function returns", () => {
    const { graph } = flow("f", () => {
      const first = inc(1);
      return tags("nightly", "europe", () => tagged(inc(first)));
    });
    expect(taskNode(graph, "inc-1").tags).toBeUndefined();
    expect(taskNode(graph, "inc-europe-nightly-1").tags).toEqual(["europe", "nightly"]);
    expect(taskNode(graph, "tagged-europe-nightly-own-1").tags).toEqual(["europe", "nightly", "own"]);
  });

  test("nests, ends with its function whatever that throws, and holds for mapped tasks and branches", () => {
    const { graph } = flow("f", () => {
      tags("a", () => tags("b", () => caseOf(inc(1), 2, () => inc.map([1, 2]))));
      expect(() =>
        tags("c", () => {
          throw new Error("in the middle");
        }),
      ).toThrow("in the middle");
      inc(2);
    });
    const found = graph.nodes.map((node) => (node.kind === "task" ? node.tags : []));
    expect(found).toEqual([["a", "b"], ["a", "b"], ["a", "b"], undefined]);
  });

  test("holds for tasks that are added to a flow themselves", () => {
    const example = new Flow("f");
    tags("nightly", () => example.addTask(inc));
    expect(taskNode(example.graph, "inc-nightly-1").tags).toEqual(["nightly"]);
  });

  test("refuses what is no tag, no function, or async", () => {
    expect(() => tags("", () => 1)).toThrow('tags of tags(…) must be a list of strings such as ["nightly"]');
    const noFunction = "b" as unknown as () => void;
    expect(() => tags("a", noFunction)).toThrow("tags(…) needs a function as its last argument, got 'b'");
    expect(thrownBy(() => tags("a", async () => await Promise.resolve())).code).toBe("async_builder");
  });
});

test("a tag that asks for a Dask worker's resource is refused with what there is instead", () => {
  const message = /asks for a resource of a Dask worker.*clusterKwargs { cpu, memory }/;
  expect(() => task("gpu", () => 1, { tags: ["Dask-Resource:GPU=1"] })).toThrow(message);
  expect(() => tags("dask-resource:MEMORY=1e9", () => 1)).toThrow(message);
});
