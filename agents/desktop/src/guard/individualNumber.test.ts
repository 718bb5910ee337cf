import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { guard } from "./individualNumber";

type Vector = { text: string; before?: string; kept: string; finds: string[] };

const file = new URL("../../../../tests/privacy/vectors.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf-8")) as Vector[];

test.each(vectors)("$text", ({ text, before, kept, finds }) => {
  const guarded = guard(text, before ?? "");
  const told = guarded.finds.map((find) => find.kind + (find.valid ? "!" : ""));
  expect([guarded.text, told]).toEqual([kept, finds]);
});
