/** Writes docs/api.md: `npm run docs:api`. */
import { writeFileSync } from "node:fs";
import { apiPage, renderApiPage } from "./api-page/page.ts";

writeFileSync(apiPage, renderApiPage());
