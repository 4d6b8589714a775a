/** ministack, as `npm run test:containers` brings it; undefined where it cannot be had. */

export const ministack: string | undefined = process.env["CLOUDBURST_MINISTACK_ENDPOINT"];

/** Any will do. */
export const region = "us-east-1";
export const credentials = { accessKeyId: "test", secretAccessKey: "test" };

/** For what runs only with ministack. */
export function requireMinistack(): string {
  if (ministack === undefined) throw new Error("there is no ministack");
  return ministack;
}
