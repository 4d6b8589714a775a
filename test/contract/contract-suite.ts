import { afterAll, beforeAll, describe, it } from "vitest";

/** Checks that a cloud is known to fail: the check's id, and the reason. */
export type Deviations = Readonly<Record<string, string>>;

export interface Check<Lab> {
  /** Names the check in lists of known deviations. */
  readonly id: string;
  /** A sentence. */
  readonly title: string;
  run(lab: Lab): Promise<void>;
}

/** Runs the checks on a lab. A known deviation must fail: when it no longer does, the suite says so. */
export function contractSuite<Lab extends AsyncDisposable>(
  title: string,
  checks: readonly Check<Lab>[],
  open: () => Promise<Lab>,
  deviations: Deviations,
): void {
  const unknown = Object.keys(deviations).filter((id) => !checks.some((check) => check.id === id));
  if (unknown.length > 0) throw new Error(`${title} has no such checks: ${unknown.join(", ")}`);

  describe(title, () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await open();
    });
    afterAll(() => lab[Symbol.asyncDispose]());

    for (const check of checks) {
      const reason = deviations[check.id];
      if (reason === undefined) it(check.title, () => check.run(lab));
      else it.fails(`${check.title} (known deviation: ${reason})`, () => check.run(lab));
    }
  });
}
