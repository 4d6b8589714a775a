import fc from "fast-check";
import { expect, it } from "vitest";
import { DeadlineTimer } from "../../src/embedded/sqs/deadline-timer.ts";
import type { Deadline } from "../../src/embedded/sqs/deadline-timer.ts";
import { FakeClock } from "../observe/fake-clock.ts";

interface Named extends Deadline {
  readonly name: number;
}

type Step =
  | { readonly kind: "schedule"; readonly name: number; readonly inMs: number }
  | { readonly kind: "cancel"; readonly name: number }
  | { readonly kind: "advance"; readonly ms: number };

const names = 12;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("schedule" as const),
    name: fc.nat(names - 1),
    inMs: fc.integer({ min: 1, max: 100 }),
  }),
  fc.record({ kind: fc.constant("cancel" as const), name: fc.nat(names - 1) }),
  fc.record({ kind: fc.constant("advance" as const), ms: fc.integer({ min: 1, max: 60 }) }),
);

it("whatever is scheduled, moved and cancelled, each deadline comes once, in order, when its time has come", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const clock = new FakeClock();
      const due: number[] = [];
      const timer = new DeadlineTimer<Named>(clock, (entries) => due.push(...entries.map((entry) => entry.name)));
      const entries = Array.from({ length: names }, (_, name): Named => ({ name, dueAt: 0, heapIndex: -1 }));
      const model = new Map<number, number>();
      for (const next of steps) {
        if (next.kind === "advance") {
          await clock.advance(next.ms);
          const expected = [...model].filter(([, dueAt]) => dueAt <= clock.now()).sort((a, b) => a[1] - b[1]);
          const dueTimes = due.splice(0).map((name) => model.get(name));
          expect(dueTimes).toEqual(expected.map(([, dueAt]) => dueAt));
          for (const [name] of expected) model.delete(name);
          continue;
        }
        const entry = entries[next.name] as Named;
        if (next.kind === "cancel") {
          timer.cancel(entry);
          model.delete(next.name);
        } else {
          timer.schedule(entry, clock.now() + next.inMs);
          model.set(next.name, clock.now() + next.inMs);
        }
      }
      timer.close();
    }),
  );
});

it("ten thousand deadlines need one running timer (D2)", () => {
  const clock = new FakeClock();
  const timer = new DeadlineTimer<Deadline>(clock, () => undefined);
  for (let ms = 10_000; ms > 0; ms--) timer.schedule({ dueAt: 0, heapIndex: -1 }, clock.now() + ms);
  expect(clock.sleeping).toBe(1);
  timer.close();
  expect(clock.sleeping).toBe(0);
});
