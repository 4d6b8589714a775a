/** LocalStack, as `npm run test:localstack` brings it; undefined where it cannot be had. */

export const localstack: string | undefined = process.env["CLOUDBURST_LOCALSTACK_ENDPOINT"];

/** Any will do. */
export const region = "us-east-1";
export const credentials = { accessKeyId: "test", secretAccessKey: "test" };

/** For what runs only with LocalStack. */
export function requireLocalstack(): string {
  if (localstack === undefined) throw new Error("there is no LocalStack");
  return localstack;
}
