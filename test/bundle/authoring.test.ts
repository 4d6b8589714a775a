import { expect, test } from "vitest";

test("the authoring stub exports every name that the package exports, and no other", async () => {
  const frontDoor = await import("../../src/index.ts");
  const stub = await import("../../src/worker/authoring.ts");
  expect(Object.keys(stub).sort()).toEqual(Object.keys(frontDoor).sort());
});

test("what is a function or class for the driver is one in a worker", async () => {
  const frontDoor: Readonly<Record<string, unknown>> = await import("../../src/index.ts");
  const stub: Readonly<Record<string, unknown>> = await import("../../src/worker/authoring.ts");
  const kinds = (names: Readonly<Record<string, unknown>>) =>
    Object.entries(names).map(([name, value]) => [name, typeof value]);
  expect(kinds(stub).sort()).toEqual(kinds(frontDoor).sort());
});
