/** ministack, as `npm run test:containers` brings it. */

import { describeWith } from "../contract/describe-with.ts";

/** Undefined where it cannot be had. */
const ministack: string | undefined = process.env["CLOUDBURST_MINISTACK_ENDPOINT"];

export function describeWithMinistack(title: string, suite: () => void): void {
  describeWith("ministack", ministack !== undefined, title, suite);
}

/** Any will do. */
export const region = "us-east-1";
export const credentials = { accessKeyId: "test", secretAccessKey: "test" };

/** For what runs only with ministack. */
export function requireMinistack(): string {
  if (ministack === undefined) throw new Error("there is no ministack");
  return ministack;
}
