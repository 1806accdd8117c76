import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeText, lineList, listOf, nearest } from "../src/text.js";

test("control characters, escapes and bidi overrides are made visible", () => {
  expect(escapeText("a\u001b[2Jb\u0007\u202ec\nd\u2028")).toBe(
    "a\\u{1b}[2Jb\\u{7}\\u{202e}c\\u{a}d\\u{2028}",
  );
});

test("ordinary text of any script stays as it is", () => {
  expect(escapeText("Größe 参数 🎉 run-03")).toBe("Größe 参数 🎉 run-03");
});

test("a long text loses its middle and keeps both ends", () => {
  const shown = escapeText(`begin${"x".repeat(300_000)}end`, 20);
  expect(shown).toMatch(/^beginx+…x*end$/);
  expect(Array.from(shown)).toHaveLength(20);
});

test("words of the machine are said in plain words", () => {
  expect(escapeText("NaN")).toBe("not a number");
  expect(escapeText("-Infinity")).toBe("-infinite");
  expect(escapeText("undefined [object Object]")).not.toMatch(/undefined|\[object /);
});

test("nothing unprintable comes through, whatever the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 3, max: 50 }), (text, max) => {
      expect(escapeText(text, max)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    }),
  );
});

test("the nearest names come first, at most three", () => {
  expect(nearest("los", ["run", "loss", "lost", "tokens", "lose"])).toEqual(["loss", "lost", "lose"]);
  expect(nearest("valloss", ["val_loss", "train_loss"])).toEqual(["val_loss"]);
  expect(nearest("loss", ["summary.eval/loss"])).toEqual(["summary.eval/loss"]);
  expect(nearest("tokens", ["run", "loss"])).toEqual([]);
  expect(nearest("", ["a"])).toEqual([]);
});

test("of ten thousand names at most three are near", () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `metric/${i}/${"x".repeat(i % 60)}`);
  expect(nearest("x".repeat(10_000), names).length).toBeLessThanOrEqual(3);
});

test("lists and lines read like a sentence", () => {
  expect(listOf(["a", "b", "c"])).toBe("a, b and c");
  expect(lineList([7])).toBe("line 7");
  expect(lineList([7, 9], 30)).toBe("lines 7, 9, ...");
});
