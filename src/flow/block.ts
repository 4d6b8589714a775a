/**
 * A part of a builder whose tasks have something in common: the body of a `caseOf`, of a resource, of an `applyMap`.
 *
 * - B1 What is inside is told by when it was added: all tasks that were added while the body ran, and no parameters.
 * - B2 A block in which nothing was added adds nothing itself.
 */
import type { Handle } from "./handle.ts";

export interface Block {
  /** Called before the first task is added inside; what it adds is outside. */
  readonly begin?: () => void;
  /** Called when the body has ended, if tasks were added. */
  readonly end: (content: BlockContent) => void;
  /** Each task inside is mapped, and takes what others inside give child by child. @default false */
  readonly isMapped?: boolean;
}

export interface BlockContent {
  /** Tasks that wait for no other task inside. */
  readonly roots: readonly Handle<unknown>[];
  /** Tasks that no other task inside waits for. */
  readonly leaves: readonly Handle<unknown>[];
}

/** A block whose body is running. */
export class OpenBlock {
  readonly block: Block;
  readonly outer: OpenBlock | undefined;
  /** Number of the first node inside; undefined while nothing was added. */
  start: number | undefined;

  constructor(block: Block, outer: OpenBlock | undefined) {
    this.block = block;
    this.outer = outer;
  }

  /** The innermost block around here whose tasks are mapped, itself included. */
  get mapped(): OpenBlock | undefined {
    return this.block.isMapped === true ? this : this.outer?.mapped;
  }
}
