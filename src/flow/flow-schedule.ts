/** When a flow runs: what a run asks of a schedule. src/schedules has those that the library brings. */

/** A time at which a flow is to be run. */
export interface ScheduledEvent {
  readonly at: Date;
  /** Values of parameters for this run; they come before those that `run` was given. */
  readonly parameterDefaults: Readonly<Record<string, unknown>>;
}

export interface FlowSchedule {
  /** The events of the first instant after `after` that has any, one run each; none when the schedule has come to its end. */
  next(after: Date): readonly ScheduledEvent[];
  /** All parameter defaults that events may bring, where known: they are checked before the first wait. */
  readonly parameterDefaults?: readonly ScheduledEvent["parameterDefaults"][];
}
