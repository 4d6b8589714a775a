import { fileURLToPath } from "node:url";

const STACK_FRAMES = 50; // enough for the frames of this library and of a helper or two around them

/** The directory of this library, or undefined when it was bundled together with the code that uses it. */
const LIBRARY = /^(.*[\\/])flow[\\/]call-site\.[jt]s$/.exec(pathOf(import.meta.url) ?? "")?.[1];

/** Absolute path of the module that called into this library, where it could be told. */
export function callSite(): string | undefined {
  for (const frame of captureStack()) {
    const fileName = frame.getFileName() ?? undefined;
    // Node itself is the caller: the library is being loaded, and whoever imports it stands further down.
    if (fileName?.startsWith("node:") === true) return undefined;
    const path = pathOf(fileName);
    if (path !== undefined && !isLibrary(path)) return path;
  }
  return undefined;
}

function isLibrary(path: string): boolean {
  return LIBRARY !== undefined && path.startsWith(LIBRARY);
}

function captureStack(): readonly NodeJS.CallSite[] {
  const { stackTraceLimit } = Error;
  const prepareStackTrace: unknown = Reflect.get(Error, "prepareStackTrace");
  try {
    Error.prepareStackTrace = (_error, frames) => frames;
    Error.stackTraceLimit = STACK_FRAMES;
    const frames: unknown = new Error("structured stack").stack;
    return Array.isArray(frames) ? (frames as NodeJS.CallSite[]) : [];
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
}

/** The path in what V8 calls a file name: a URL or a path, perhaps with a loader's query. */
function pathOf(fileName: string | undefined): string | undefined {
  if (fileName === undefined) return undefined;
  if (fileName.startsWith("file://")) return fileURLToPath(new URL(fileName).href.replace(/[?#].*$/, ""));
  const isAbsolute = fileName.startsWith("/") || /^[A-Za-z]:[\\/]/.test(fileName);
  return isAbsolute ? fileName.replace(/\?.*$/, "") : undefined; // `[eval]`, `<anonymous>`
}
