import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ScalefitError } from "../../src/errors.js";
import { observeText } from "./support.js";

const runs = Array.from({ length: 12 }, (_, i) => ({
  run: `r${i}`,
  params: 1e7 * (i + 1),
  tokens: 2e9,
  loss: 4 - i / 10,
}));
const csv = `run,params,tokens,loss\n${runs.map((run) => Object.values(run).join(",")).join("\n")}\n`;
const withSteps = runs.map((run, step) => ({ step, ...run }));
const chart = `params,tokens,a - loss,a - loss__MIN,b - loss\n${runs.map(({ params, tokens, loss }) => [params, tokens, loss, 1, loss].join(",")).join("\n")}\n`;
const LOGS: Record<string, Buffer> = {
  csv: Buffer.from(csv),
  quoted: Buffer.from(csv.replace(/[^,\n]+/g, '"$&"')),
  jsonl: Buffer.from(runs.map((run) => JSON.stringify(run)).join("\n")),
  json: Buffer.from(JSON.stringify(runs, null, 1)),
  gzip: gzipSync(csv),
  "utf-16": Buffer.from(`\ufeff${csv}`, "utf16le"),
  object: Buffer.from(JSON.stringify({ config: { seed: 1 }, made: { by: [1] }, log: withSteps }, null, 1)),
  "trainer-state": Buffer.from(JSON.stringify({ global_step: 12, log_history: withSteps }, null, 1)),
  "lm-eval": Buffer.from(
    JSON.stringify(
      { results: { piqa: { acc: 0.5, acc_stderr: 0.1 } }, config: { params: 1, tokens: 1, loss: 1 } },
      null,
      1,
    ),
  ),
  "W&B runs": Buffer.from(
    runs.map((run) => JSON.stringify({ name: run.run, config: run, summary: {} })).join("\n"),
  ),
  "W&B chart": Buffer.from(chart),
};
/** Each format has its own reader; these kinds have parts of it that others do not have. */
const TRIES: Record<string, number> = {
  object: 60,
  "trainer-state": 60,
  "lm-eval": 40,
  "W&B runs": 40,
  "W&B chart": 40,
};
const PIECES = [
  '"',
  ",",
  "\n",
  "\r",
  "\0",
  "{",
  "}",
  "[",
  "]",
  "\\",
  ":",
  "'",
  "NaN",
  "1e999",
  "\ufeff",
  "#",
  "\t",
  ";",
  "é",
];

/** Cuts a piece out of the bytes and puts another in. */
const damage = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, fc.nat(400)),
  insert: fc.oneof(
    fc.array(fc.constantFrom(...PIECES), { maxLength: 3 }).map((pieces) => Buffer.from(pieces.join(""))),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
  ),
});

test.each(Object.keys(LOGS))(
  "whatever happens to the bytes of a %s log, it is read or refused in words",
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (damages) => {
        let bytes = LOGS[kind]!;
        for (const { at, remove, insert } of damages) {
          const start = Math.floor(at * bytes.length);
          bytes = Buffer.concat([bytes.subarray(0, start), insert, bytes.subarray(start + remove)]);
        }
        try {
          const group = await observeText(bytes);
          const dropped = group.dropped.reduce((sum, { count }) => sum + count, 0);
          expect(group.rows).toBe(group.used + dropped);
          for (const values of [...group.observations.inputs.values(), group.observations.measured]) {
            expect(values.every((value) => Number.isFinite(value) && value > 0)).toBe(true);
          }
          expect(JSON.stringify([group.dropped, group.warnings])).not.toMatch(
            /\bNaN\b|\bInfinity\b|undefined|\[object /,
          );
        } catch (error) {
          if (!(error instanceof ScalefitError)) throw error;
          expect(error.message.length).toBeLessThan(500);
        }
      }),
      { numRuns: TRIES[kind] ?? 300 },
    );
  },
);
