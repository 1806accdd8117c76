import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { ReadingProgress } from "../../src/commands/progress.js";
import { withFiles } from "../logs/support.js";

/** What is written to a stream while a file of 100 bytes is read in pieces of 10, a bit slower than the bar is drawn. */
async function shown(isTTY: boolean, least = { bytes: 1, ms: 0 }, isQuiet = false): Promise<string> {
  let text = "";
  const stream = new Writable({
    write(chunk, _, done) {
      text += String(chunk);
      done();
    },
  });
  Object.assign(stream, { isTTY, columns: 80 });
  await withFiles({ "a.csv": "x".repeat(100) }, async (pathOf) => {
    const progress = new ReadingProgress([pathOf("a.csv")], isQuiet, stream, least);
    for (let i = 0; i < 10; i++) {
      progress.add(10);
      await new Promise((resume) => setTimeout(resume, 30));
    }
    progress.end();
  });
  return text;
}

test("a bar is on terminals only, for long readings only, and not where notes are unwanted", async () => {
  expect(await shown(true)).toMatch(/reading .* \d+ %/);
  expect(await shown(false)).toBe("");
  expect(await shown(true, { bytes: 101, ms: 0 })).toBe("");
  expect(await shown(true, { bytes: 1, ms: 60_000 })).toBe("");
  expect(await shown(true, { bytes: 1, ms: 0 }, true)).toBe("");
});
