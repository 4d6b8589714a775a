import { CloudburstError } from "../base/errors.ts";

/** Stands for the result of a task or child that its trigger kept from running. */
export class TriggerFailedError extends CloudburstError {
  constructor(task: string, message: string, cause?: unknown) {
    super("trigger_failed", message, { data: { task }, cause });
    this.stack = `${this.name}: ${message}`; // no line of the user's has led here
  }
}
