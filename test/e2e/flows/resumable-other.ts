import * as z from "zod";
import { flow, task } from "../../../src/index.ts";

const seed = task("seed", (journal: string, n: number) => Array.from({ length: n }, () => journal));
const parameters = z.object({ journal: z.string(), n: z.number().int(), ms: z.number() });

/** Has the name of another flow, and other tasks. */
export const other = flow("resumable", { parameters }, ({ journal, n }) => seed(journal, n));
