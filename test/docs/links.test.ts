import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { type Page, root, userPages } from "./pages.ts";

/** As GitHub makes them of headings. */
function anchorsOf(path: string): readonly string[] {
  const headings = withoutCode(readFileSync(path, "utf8")).matchAll(/^#+ (.+)$/gmu);
  return [...headings].map(([, heading = ""]) => {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/gu, "$1").toLowerCase();
    return text.replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
  });
}

const withoutCode = (text: string): string => text.replace(/^```.*?^```/gmsu, "");

function brokenLinks({ path, text }: Page): readonly string[] {
  const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/gu)].map(([, link = ""]) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/u.test(link)) return false; // elsewhere
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? join(root, path) : join(root, dirname(path), file);
    if (!existsSync(target)) return true;
    return anchor !== undefined && target.endsWith(".md") && !anchorsOf(target).includes(anchor);
  });
}

describe("links between pages", () => {
  it.each(userPages())("of $path lead somewhere", (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it("docs/README.md lists every page of docs/", () => {
    const pages = userPages().filter(({ path }) => /^docs\/[\w-]+\.md$/u.test(path) && path !== "docs/README.md");
    const index = readFileSync(join(root, "docs/README.md"), "utf8");
    const missing = pages.map(({ path }) => relative("docs", path)).filter((name) => !index.includes(`](${name})`));
    expect(missing).toEqual([]);
  });
});
