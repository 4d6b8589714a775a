/** What the calls of one chunk wrote: all of it on the container's output, so much of it home with the notice. */
import type { LogLine } from "../base/log-line.ts";
import type { NoticeLog } from "../wire/notice.ts";

/** A flood must not make the notice a dear one: SQS bills by 64 KiB, and results travel in it as well. */
const maxLines = 100;
const maxBytes = 8 * 1024;
/** Of one line; the container's output has all of it. */
const maxLineLength = 2_000;

export class ChunkLog {
  readonly #print: (line: LogLine) => void;
  readonly #kept: LogLine[] = [];
  #bytes = 0;
  #leftOut = 0;

  constructor(print: (line: LogLine) => void) {
    this.#print = print;
  }

  readonly add = (lines: readonly LogLine[]): void => {
    for (const line of lines) {
      this.#print(line);
      this.#keep(line);
    }
  };

  /** What goes home; undefined when nothing was written. */
  get notice(): NoticeLog | undefined {
    return this.#kept.length + this.#leftOut === 0 ? undefined : { lines: this.#kept, leftOut: this.#leftOut };
  }

  #keep(given: LogLine): void {
    const line = given.line.length > maxLineLength ? `${given.line.slice(0, maxLineLength)}…` : given.line;
    const bytes = Buffer.byteLength(line) + Buffer.byteLength(given.task);
    // Once one is left out, so are all that follow: a gap in the middle would tell another story.
    if (this.#leftOut > 0 || this.#kept.length >= maxLines || this.#bytes + bytes > maxBytes) {
      this.#leftOut += 1;
      return;
    }
    this.#bytes += bytes;
    this.#kept.push({ ...given, line });
  }
}
