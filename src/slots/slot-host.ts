/** A slot in a process of its own: what the process does that `process-slot.ts` starts. */
import { CloudburstError, toError } from "../base/errors.ts";
import type { SlotWork } from "./call-slot.ts";
import { Slot } from "./slot.ts";
import type { SlotInput, SlotMessage } from "./slot-protocol.ts";

/** A chunk for the slot, after it has forgotten what it need not keep any more. */
export interface HostRequest {
  readonly work: SlotWork;
  readonly forget: readonly string[];
}

export type HostMessage = SlotMessage | { readonly kind: "broken"; readonly message: string };

/** Serves the process that forked this one, and ends with it. */
export function serveSlotHost(file: URL): void {
  if (process.send === undefined) throw new CloudburstError("not_forked", "a slot host is forked by a driver");
  const slot = new Slot({ file });
  const values = new HostedValues();
  const never = new AbortController().signal;
  const post = (message: HostMessage): void => void process.send?.(message);
  process.on("disconnect", () => process.exit());
  process.on("SIGINT", () => undefined); // Ctrl-C reaches the driver as well, which decides
  process.on("message", (message) => {
    const { work, forget } = message as HostRequest; // only process-slot.ts sends here
    values.forget(forget);
    const log = (lines: Extract<SlotMessage, { kind: "log" }>["lines"]): void => post({ kind: "log", lines });
    slot.run(values.restored(work), never, log).then(post, (error: unknown) => {
      post({ kind: "broken", message: toError(error).message });
    });
  });
}

/** Values that travel to this process once, and to each of its slot's threads. */
class HostedValues {
  readonly #values = new Map<string, SlotInput>();

  forget(keys: readonly string[]): void {
    for (const key of keys) this.#values.delete(key);
  }

  restored(work: SlotWork): SlotWork {
    const steps = work.steps.map((step) => ({ ...step, inputs: step.inputs.map((input) => this.#restore(input)) }));
    return { ...work, facts: this.#restore(work.facts), steps };
  }

  #restore(input: SlotInput): SlotInput {
    switch (input.kind) {
      case "kept":
        if (input.of === undefined) return { ...input, of: this.#values.get(input.key) };
        this.#values.set(input.key, input.of);
        return input;
      case "list":
        return { kind: "list", items: input.items.map((item) => this.#restore(item)) };
      case "record":
        return { kind: "record", entries: input.entries.map(([key, of]) => [key, this.#restore(of)] as const) };
      case "flatten":
        return { kind: "flatten", of: this.#restore(input.of) };
      default:
        return input;
    }
  }
}
