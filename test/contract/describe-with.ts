import { describe } from "vitest";

/** A suite that needs a part which may not be to be had; where it is not, it is skipped, and its name says why. */
export function describeWith(part: string, isThere: boolean, title: string, suite: () => void): void {
  if (isThere) describe(title, suite);
  else describe.skip(`${title} (skipped: there is no ${part})`, suite);
}
