/** A task, or one child of a mapped task, as handlers and whoever is asked about a pause know it. */
export interface TaskRun {
  /** The task's name; of child 3 it is `name[3]`. */
  readonly name: string;
  readonly slug: string;
  /** Which child of a mapped task. */
  readonly mapIndex: number | undefined;
  readonly tags: readonly string[];
  readonly runId: string;
}
