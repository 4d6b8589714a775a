import { createRequire } from "node:module";

/** The version of this package, from its own package.json. */
export function packageVersion(): string {
  const { version } = createRequire(import.meta.url)("../../package.json") as { readonly version: string };
  return version;
}
