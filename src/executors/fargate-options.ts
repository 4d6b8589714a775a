/** Options of `FargateExecutor`, checked before anything is started. */
import * as z from "zod";
import { parseOptions } from "../base/parse-options.ts";

const atLeastOne = (what: string) =>
  z
    .number({ error: `${what} must be a whole number of at least 1` })
    .int()
    .min(1);

const clusterKwargs = z.strictObject({
  nWorkers: atLeastOne("the number of workers")
    .max(1_000, { error: "a local cluster has at most 1000 workers" })
    .optional(),
  threadsPerWorker: atLeastOne("the number of threads")
    .max(256, { error: "a worker has at most 256 threads" })
    .optional(),
  port: z.number().int().min(0).max(65_535).optional(),
});

const schema = z.strictObject({ clusterKwargs: clusterKwargs.default({}) });

export interface FargateExecutorOptions {
  /** What the cluster is to be like. */
  readonly clusterKwargs?: {
    /** Worker processes, 1 to 1000. @default one for each core, or as many as `threadsPerWorker` leaves cores for */
    readonly nWorkers?: number | undefined;
    /** Calls that each worker runs at once, 1 to 256. @default 1, or the cores for each worker when `nWorkers` is given */
    readonly threadsPerWorker?: number | undefined;
    /** Port of the embedded cloud on 127.0.0.1, 0 to 65535. @default 0: any free one */
    readonly port?: number | undefined;
  };
}

export type ResolvedFargateOptions = z.infer<typeof schema>;

/** @throws InvalidOptionError */
export function resolveFargateOptions(options: FargateExecutorOptions): ResolvedFargateOptions {
  return parseOptions("FargateExecutor", schema, options);
}
