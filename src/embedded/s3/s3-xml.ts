/** The little XML that S3 speaks: answers are written as text, requests are parsed into what a schema allows. */

import { XMLParser } from "fast-xml-parser";
import type * as z from "zod";

export const S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

const REPEATED_ELEMENTS: ReadonlySet<string> = new Set(["Object", "Part"]);

// Entities are resolved by `unescapeXml`: the parser caps expansions at 1,000 for a document, fewer than 1,000 odd keys need.
const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  isArray: (name) => REPEATED_ELEMENTS.has(name),
});

const NAMED_ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

// A carriage return or a control character that is written as it is would be normalised or refused by the reader.
const NEEDS_ESCAPE = /[&<>"\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g;

function escapeXml(text: string): string {
  return text.replace(NEEDS_ESCAPE, (char) => ESCAPES[char] ?? `&#${char.charCodeAt(0)};`);
}

export function unescapeXml(text: string): string {
  return text.replace(/&(#x?[0-9a-f]+|[a-z]+);/gi, (whole, name: string) => {
    if (!name.startsWith("#")) return NAMED_ENTITIES[name] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

export function element(name: string, content: string | number | boolean): string {
  return `<${name}>${escapeXml(String(content))}</${name}>`;
}

/** `inner` is XML already. */
export function xmlDocument(root: string, inner: string, namespace?: string): string {
  const attribute = namespace === undefined ? "" : ` xmlns="${namespace}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attribute}>${inner}</${root}>`;
}

/** The document as the schema wants it, or undefined when it does not fit or breaks off. */
export function parseXml<T>(body: Buffer, schema: z.ZodType<T>): T | undefined {
  const text = body.toString("utf8").trimEnd();
  const document = parseOrEmpty(text);
  // The parser closes what is left open; a document that breaks off must not pass for a shorter one.
  if (!Object.keys(document).some((root) => text.endsWith(`</${root}>`))) return undefined;
  const parsed = schema.safeParse(document);
  return parsed.success ? parsed.data : undefined;
}

function parseOrEmpty(text: string): object {
  try {
    const document: unknown = parser.parse(text);
    return typeof document === "object" && document !== null ? document : {};
  } catch {
    return {}; // not XML at all: fits no schema
  }
}
