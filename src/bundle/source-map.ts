/** Writes a bundle's source map into the bundle, so that the two cannot be parted (B3). */
import { pathToFileURL } from "node:url";
import type { OutputFile } from "esbuild";

/** Joins code and map; `sources` become absolute, which Node resolves the same wherever the bundle lies. */
export function inlineSourceMap(files: readonly OutputFile[], outputDir: string): Uint8Array {
  const code = textOf(files, ".mjs");
  const map = JSON.parse(textOf(files, ".map")) as { readonly sources: readonly string[] }; // esbuild's own output
  const base = pathToFileURL(`${outputDir}/`);
  // esbuild writes relative URLs; a dependency's own map may name its sources by a URL of another kind, which stays.
  const absolute = { ...map, sources: map.sources.map((source) => new URL(source, base).href) };
  const encoded = Buffer.from(JSON.stringify(absolute)).toString("base64");
  return Buffer.from(`${code}//# sourceMappingURL=data:application/json;base64,${encoded}\n`);
}

function textOf(files: readonly OutputFile[], extension: string): string {
  return files.find((file) => file.path.endsWith(extension))?.text ?? "";
}
