import type { LogLine } from "../base/log-line.ts";

/** So many lines of a chunk are sent one by one, so that the last words of a call that ends its thread are not lost. */
const promptLines = 100;
/** Beyond them a flood is taken for one: it must not keep the main thread from renewing leases. */
const groupLines = 200;

/** Sends the lines of one chunk's calls to the main thread. */
export class SlotLog {
  readonly #send: (lines: readonly LogLine[]) => void;
  #waiting: LogLine[] = [];
  #sent = 0;

  constructor(send: (lines: readonly LogLine[]) => void) {
    this.#send = send;
  }

  readonly add = (line: LogLine): void => {
    this.#waiting.push(line);
    if (this.#sent < promptLines || this.#waiting.length >= groupLines) this.flush();
  };

  flush(): void {
    if (this.#waiting.length === 0) return;
    this.#send(this.#waiting);
    this.#sent += this.#waiting.length;
    this.#waiting = [];
  }
}
