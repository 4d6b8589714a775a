import { expect, test } from "vitest";
import { Parameter } from "../../src/flow/parameter.ts";
import { tags } from "../../src/flow/tags.ts";
import { task } from "../../src/flow/task.ts";
import { Flow } from "../../src/index.ts";
import { flow } from "./support.ts";

const load = task("load", (url: string) => [url]);
const size = task("size", (text: string, factor: number) => text.length * factor);
const sum = task("sum", ({ sizes }: { sizes: readonly number[] }) => sizes.length);
const tell = task("tell", () => "told");

const example = flow("example", () => {
  const url = new Parameter<string>("url");
  const sizes = tags("big", () => size.map(load(url), [1, 2]));
  return tell.with({ after: [sum({ sizes })] })();
});

const slugs = (of: readonly { readonly slug: string }[]): readonly string[] => of.map(({ slug }) => slug);

test("tells its tasks, the first and the last of them, and finds some by name and tags", () => {
  expect(slugs(example.tasks)).toEqual(["url", "load-big-1", "size-big-1", "sum-1", "tell-1"]);
  expect(example.tasks.map(({ kind, mapped }) => [kind, mapped])).toEqual([
    ["parameter", false],
    ["task", false],
    ["task", true],
    ["task", false],
    ["task", false],
  ]);
  expect(slugs(example.rootTasks)).toEqual(["url"]);
  expect(slugs(example.terminalTasks)).toEqual(["tell-1"]);
  expect(slugs(example.getTasks({ tags: ["big"] }))).toEqual(["load-big-1", "size-big-1"]);
  expect(slugs(example.getTasks({ name: "size", tags: ["big"] }))).toEqual(["size-big-1"]);
  expect(slugs(example.getTasks({ name: "size", tags: ["small"] }))).toEqual([]);
  expect(() => example.getTasks({ type: "x" } as object)).toThrow('flow.getTasks has no option "type"');
});

test("tells who waits for whom, and which argument takes the result", () => {
  const edges = example.edges.map(({ upstream, downstream, key, mapped }) => [
    upstream.slug,
    downstream.slug,
    key,
    mapped,
  ]);
  expect(edges).toEqual([
    ["url", "load-big-1", "url", false],
    ["load-big-1", "size-big-1", "text", true],
    ["size-big-1", "sum-1", "sizes", false],
    ["sum-1", "tell-1", undefined, false],
  ]);
});

test("follows a flow that is filled task by task", () => {
  const empty = new Flow("empty");
  expect(empty.tasks).toEqual([]);
  empty.chain(tell, load);
  expect(slugs(empty.terminalTasks)).toEqual(["load-1"]);
  expect(empty.edges).toHaveLength(1);
});
