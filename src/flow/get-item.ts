import { CloudburstError } from "../base/errors.ts";
import { preview } from "./preview.ts";
import { glueTask } from "./task.ts";

/** The task behind `handle.get(key)` and `handle.at(index)`; its name is none that users give. */
export const getItem = /* @__PURE__ */ glueTask("Handle.get", (of: unknown, key: PropertyKey): unknown => {
  if (of === null || of === undefined) {
    throw new CloudburstError(
      "no_item",
      `${String(of)} has no ${preview(key)}: the task returned nothing to take it from`,
    );
  }
  if (Array.isArray(of) && typeof key === "number") return (of as unknown[]).at(key);
  return Reflect.get(Object(of) as object, key);
});
