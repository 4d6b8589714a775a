/** The argument that makes the worker file the host of one slot. */
export const slotHostArgument = "--slot-host";
