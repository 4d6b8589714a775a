import { flow, task } from "../../../src/index.ts";

// Workers evaluate this module in a bundle, which is a file of another kind; the test imports the module itself.
if (import.meta.url.endsWith(".mjs")) throw new Error("no licence for this machine");

const fine = task("fine", (x: number) => x);
export const throwing = flow("throwing", () => fine(1));
