/** What a worker reads from its environment. */
import * as z from "zod";
import { CloudburstError } from "../base/errors.ts";
import { driverSilenceMs } from "../wire/run-lease.ts";
import { workerEnvironment } from "../wire/worker-environment.ts";

const positive = z.coerce.number().positive();

const shape = z.object({
  /** The one run that the worker is for. Without it and `noticeQueue` the worker is shared by many runs. */
  runId: z.string().min(1).optional(),
  noticeQueue: z.url().optional(),
  taskQueue: z.url(),
  bucket: z.string().min(1),
  /** Calls run at once. */
  slots: positive.int().default(1),
  /** Lease of a message in hand; equals the task queue's visibility timeout. 120 s bears two lost renewals. */
  leaseMs: positive.default(120_000),
  /** The worker leaves when the driver has not renewed its run for so long (I7). */
  graceMs: positive.default(driverSilenceMs),
  /** Time for finishing what is in hand after a SIGTERM: ECS kills after `stopTimeout`, 120 s at the most on Fargate. */
  drainMs: positive.default(110_000),
  /** KMS key with which packs are encrypted. @default as the bucket says */
  kmsKeyId: z.string().min(1).optional(),
  /** The container's memory; three quarters of it are shared out among the slots. */
  memoryMiB: positive.optional(),
  /** Begins the worker's id where ECS gives it none. */
  name: z.string().min(1).default("process"),
  /** Standard input is a pipe that breaks when the launcher dies. */
  parentPipe: z.literal("1").optional(),
});

const schema = shape.transform(({ runId, noticeQueue, ...options }, context) => {
  if (runId !== undefined && noticeQueue !== undefined) return { ...options, run: { runId, notices: noticeQueue } };
  if (runId === undefined && noticeQueue === undefined) return { ...options, run: undefined };
  context.addIssue({
    code: "custom",
    path: [runId === undefined ? "runId" : "noticeQueue"],
    message: "missing, while its fellow is set: a worker of one run has both, a shared worker neither",
  });
  return z.NEVER;
});
export type WorkerOptions = z.infer<typeof schema>;

/** @throws CloudburstError `bad_environment` that names the variables */
export function readWorkerOptions(env: NodeJS.ProcessEnv): WorkerOptions {
  const given = Object.fromEntries(Object.entries(workerEnvironment).map(([option, name]) => [option, env[name]]));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const option = String(issue.path[0]) as keyof typeof workerEnvironment; // the schema's own keys
    return `${workerEnvironment[option]}: ${issue.message}`;
  });
  throw new CloudburstError("bad_environment", `the worker's environment is incomplete: ${problems.join("; ")}`);
}
