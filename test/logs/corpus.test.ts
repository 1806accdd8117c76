import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { ScalefitError } from "../../src/errors.js";
import { readLogs } from "../../src/logs/read.js";
import { describeWithShared, SHARED, sharedFile, sharedJson } from "../support/shared.js";
import { observeLogs } from "./support.js";

interface Case {
  id: string;
  file: string;
  command: string;
  exit: number[];
  used?: number;
  dropped?: number;
  line?: number;
  says?: string[];
  /** The exit code with which `says` binds. */
  saysOnlyIf?: number;
  sameAs?: string;
}

/** Cases whose fault is one of fitting: the rows are read and handed on. */
const FOR_THE_FIT = /^rows-\d$/;

/** Observes a file as `fit` does; a refusal is handed back as a value. */
async function outcome(file: string) {
  try {
    const logs = await readLogs([sharedFile("bad-inputs", file)]);
    const observed = observeLogs(logs);
    const group = observed.groups[0]!;
    return { group, said: [...logs.warnings, ...observed.warnings, ...group.warnings, ...group.dropped] };
  } catch (error) {
    if (error instanceof ScalefitError) return error;
    throw error;
  }
}

/** What a person is told, as far as the log room says it. */
const words = (value: unknown): string => JSON.stringify(value);

describeWithShared("the corpus of broken logs", () => {
  // without the folder this is collected all the same, to be shown as skipped
  const all = existsSync(SHARED) ? sharedJson<Case[]>("bad-inputs", "cases.json") : [];
  const cases = all.filter(({ file }) => /^(csv|jsonl|gz)\//.test(file));

  test.each(cases.map((one) => [one.id, one] as const))("%s", async (_, one) => {
    const result = await outcome(one.file);
    if (result instanceof ScalefitError) {
      expect(one.exit).toContain(2);
      const { message, why, hint, place } = result;
      expect(message).not.toBe("");
      expect(hint ?? why).toBeDefined();
      for (const said of one.says ?? []) {
        const line = /^line (\d+)$/.exec(said)?.[1];
        if (line !== undefined) expect(place.line).toBe(Number(line));
      }
      return;
    }
    if (!FOR_THE_FIT.test(one.id)) expect(one.exit).toContain(0);
    const { group, said } = result;
    const dropped = group.dropped.reduce((sum, { count }) => sum + count, 0);
    expect(group.rows).toBe(group.used + dropped);
    if (one.used !== undefined) expect(group.used).toBe(one.used);
    if (one.dropped !== undefined) expect(dropped).toBe(one.dropped);
    expect(words(said)).not.toMatch(/NaN|Infinity|undefined|\[object |\\u00(0[0-9a-b]|1)/);
    const lines = said.flatMap((entry) => entry.lines ?? []);
    for (const text of one.saysOnlyIf === 2 ? [] : (one.says ?? [])) {
      const line = /^line (\d+)$/.exec(text)?.[1];
      if (line !== undefined) expect(lines).toContain(Number(line));
    }
    if (one.sameAs !== undefined) await expectSame(group.observations, one.sameAs);
  });

  test("every row that can be used is, to the last bit, what the clean file has", async () => {
    const clean = await outcome("csv/clean.csv");
    expect(clean).toMatchObject({ group: { used: 24, dropped: [] }, said: [] });
  });
});

async function expectSame(
  observations: { inputs: ReadonlyMap<string, Float64Array>; measured: Float64Array; run: Int32Array | null },
  file: string,
): Promise<void> {
  const reference = await outcome(file);
  if (reference instanceof ScalefitError) throw reference;
  const wanted = reference.group.observations;
  expect([...observations.inputs]).toEqual([...wanted.inputs]);
  expect(observations.measured).toEqual(wanted.measured);
  expect(observations.run).toEqual(wanted.run);
}
