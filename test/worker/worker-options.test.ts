import { describe, expect, it } from "vitest";
import { workerEnvironment } from "../../src/wire/worker-environment.ts";
import { readWorkerOptions } from "../../src/worker/worker-options.ts";

const shared = {
  [workerEnvironment.taskQueue]: "http://127.0.0.1/tasks",
  [workerEnvironment.bucket]: "bucket",
};
const ofOneRun = {
  ...shared,
  [workerEnvironment.runId]: "run",
  [workerEnvironment.noticeQueue]: "http://127.0.0.1/notices",
};

describe("a worker's environment", () => {
  it("makes it the worker of one run, or a shared one", () => {
    expect(readWorkerOptions(ofOneRun).run).toEqual({ runId: "run", notices: "http://127.0.0.1/notices" });
    expect(readWorkerOptions(shared)).toMatchObject({ run: undefined, bucket: "bucket", slots: 1 });
  });

  it("is refused when it says half of it, and the missing variable is named", () => {
    const withoutRun = { ...ofOneRun, [workerEnvironment.runId]: undefined };
    const withoutQueue = { ...ofOneRun, [workerEnvironment.noticeQueue]: undefined };
    expect(() => readWorkerOptions(withoutRun)).toThrow(/CLOUDBURST_RUN_ID: missing/);
    expect(() => readWorkerOptions(withoutQueue)).toThrow(/CLOUDBURST_NOTICE_QUEUE_URL: missing/);
  });

  it("is refused without a task queue, and each variable that is wrong is named", () => {
    expect(() => readWorkerOptions({ [workerEnvironment.slots]: "none" })).toThrow(
      /CLOUDBURST_TASK_QUEUE_URL.*CLOUDBURST_BUCKET.*CLOUDBURST_SLOTS/,
    );
  });
});
