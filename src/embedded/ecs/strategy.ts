import { readInteger, readObjects, readText } from "../json-input.ts";
import type { JsonObject } from "../json-input.ts";
import type { StrategyItem } from "./clusters.ts";
import { invalidParameter } from "./ecs-errors.ts";

export function readStrategy(input: JsonObject, name: string): readonly StrategyItem[] {
  return (readObjects(input, name) ?? []).map((item) => ({
    capacityProvider: readText(item, "capacityProvider") ?? "",
    weight: readIn(item, "weight", 1000),
    base: readIn(item, "base", 100_000),
  }));
}

function readIn(item: JsonObject, name: string, max: number): number {
  const value = readInteger(item, name) ?? 0; // the API's default, unlike the console's
  if (value < 0 || value > max) throw invalidParameter(`${name} must be between 0 and ${max}`);
  return value;
}

/** Which provider each of `count` tasks runs on: the bases first, then by weight. */
export function assignProviders(strategy: readonly StrategyItem[], count: number): readonly string[] {
  const assigned = strategy.flatMap(({ capacityProvider, base }) =>
    Array.from({ length: Math.min(base, count) }, () => capacityProvider),
  );
  const weighted = strategy.filter((item) => item.weight > 0).map((item) => ({ ...item, tasks: 0 }));
  for (let left = count - assigned.length; left > 0; left--) {
    // The provider that would be the least above its share with one task more.
    const [next] = weighted.sort((a, b) => (a.tasks + 1) / a.weight - (b.tasks + 1) / b.weight);
    if (next === undefined) break;
    next.tasks += 1;
    assigned.push(next.capacityProvider);
  }
  return assigned.slice(0, count);
}
