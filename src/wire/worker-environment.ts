/** Names of the environment variables by which a cluster tells its workers what they are to do. */
export const workerEnvironment = {
  runId: "CLOUDBURST_RUN_ID",
  taskQueue: "CLOUDBURST_TASK_QUEUE_URL",
  noticeQueue: "CLOUDBURST_NOTICE_QUEUE_URL",
  bucket: "CLOUDBURST_BUCKET",
  slots: "CLOUDBURST_SLOTS",
  leaseMs: "CLOUDBURST_LEASE_MS",
  graceMs: "CLOUDBURST_DRIVER_GRACE_MS",
  drainMs: "CLOUDBURST_DRAIN_MS",
  memoryMiB: "CLOUDBURST_MEMORY_MIB",
  parentPipe: "CLOUDBURST_PARENT_PIPE",
} as const;
