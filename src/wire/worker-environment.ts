/** Names of the environment variables by which a cluster tells its workers what they are to do. */
export const workerEnvironment = {
  /** Of a temporary cluster's workers only, as the notice queue: a shared worker learns both from each chunk. */
  runId: "CLOUDBURST_RUN_ID",
  noticeQueue: "CLOUDBURST_NOTICE_QUEUE_URL",
  taskQueue: "CLOUDBURST_TASK_QUEUE_URL",
  bucket: "CLOUDBURST_BUCKET",
  slots: "CLOUDBURST_SLOTS",
  leaseMs: "CLOUDBURST_LEASE_MS",
  graceMs: "CLOUDBURST_DRIVER_GRACE_MS",
  drainMs: "CLOUDBURST_DRAIN_MS",
  kmsKeyId: "CLOUDBURST_KMS_KEY_ID",
  memoryMiB: "CLOUDBURST_MEMORY_MIB",
  /** How a worker that no ECS has named is called in notices. */
  name: "CLOUDBURST_WORKER_NAME",
  parentPipe: "CLOUDBURST_PARENT_PIPE",
} as const;
