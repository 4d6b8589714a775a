/** Gives a bundle the authoring stub wherever its modules import Cloudburst (B2). */
import { dirname, extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

const here = fileURLToPath(import.meta.url);
/** As source under a loader such as tsx, or compiled. */
const authoring = fileURLToPath(new URL(`../worker/authoring${extname(here)}`, import.meta.url));
/** The package's own front door, which its examples and tests import by path. */
const frontDoors = ["../../src/index.ts", "../../dist/index.js"].map((door) =>
  fileURLToPath(new URL(door, import.meta.url)),
);

export function redirectToAuthoring(): Plugin {
  return {
    name: "cloudburst-authoring",
    setup(build) {
      build.onResolve({ filter: /^cloudburst$/ }, () => ({ path: authoring, sideEffects: false }));
      build.onLoad({ filter: oneOf(frontDoors) }, () => ({
        contents: `export * from ${JSON.stringify(authoring)};`,
        resolveDir: dirname(here),
      }));
    },
  };
}

/** A filter that esbuild evaluates itself, so that no other file costs a call into JavaScript. */
function oneOf(paths: readonly string[]): RegExp {
  return new RegExp(`^(${paths.map((path) => path.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|")})$`);
}
