/** LocalStack, as `npm run test:localstack` brings it. */

import { describeWith } from "../contract/describe-with.ts";

/** Undefined where it cannot be had. */
const localstack: string | undefined = process.env["CLOUDBURST_LOCALSTACK_ENDPOINT"];

export function describeWithLocalstack(title: string, suite: () => void): void {
  describeWith("LocalStack", localstack !== undefined, title, suite);
}

/** Any will do. */
export const region = "us-east-1";
export const credentials = { accessKeyId: "test", secretAccessKey: "test" };

/** For what runs only with LocalStack. */
export function requireLocalstack(): string {
  if (localstack === undefined) throw new Error("there is no LocalStack");
  return localstack;
}
