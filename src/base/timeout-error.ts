import { CloudburstError } from "./errors.ts";

/** A call took longer than its task's `timeout`. Across processes it is known by its `code`. */
export class TimeoutError extends CloudburstError {
  constructor() {
    super("timed_out", "Task timed out during execution.");
  }
}
