/** The checkers that come with the corpus of broken inputs, run against the built program. */
import { join } from "node:path";
import { execa } from "execa";
import { expect } from "vitest";
import { PROGRAM, ROOT } from "./cli.js";
import { sharedFile, sharedJson } from "./shared.js";

/** A case of `cases.json`, `arguments.json` or `formulas.json`. */
interface Case {
  id: string;
  command?: string;
  viaFile?: boolean;
}

export const casesOf = (file: "cases" | "arguments" | "formulas"): Case[] =>
  sharedJson<Case[]>("bad-inputs", `${file}.json`);

/** A pattern that matches these ids and no other. */
export const exactly = (ids: readonly string[]): string => `^(${ids.join("|")})$`;

/** Fits with fewer resamples: the whole corpus with all of them is `npm run bench -- corpus`. */
const QUICK = {
  "check.mjs": ["--spelling", join(ROOT, "test/support/quick-spelling.json")],
  "hazards.mjs": [],
} as const;

/**
 * Runs one of the checkers on the cases that a pattern selects, and expects all of them to pass.
 *
 * @param least cases that must have been judged: a pattern that selects nothing is no success
 */
export async function allPass(
  checker: "check.mjs" | "hazards.mjs",
  only: string,
  least: number,
): Promise<void> {
  const { stdout } = await execa(
    process.execPath,
    [sharedFile("bad-inputs", checker), ...QUICK[checker], "--only", only, "--", process.execPath, PROGRAM],
    // vitest's own settings are none of the program's business
    { reject: false, stderr: "inherit", env: { NODE_OPTIONS: "", VITEST: undefined, NODE_ENV: undefined } },
  );
  const verdict = /(\d+) passed, (\d+) failed$/.exec(stdout.trimEnd());
  expect(
    stdout
      .replace(/\d+ passed, \d+ failed\s*$/, "")
      .replace(/^torture: .*$/m, "")
      .trim(),
  ).toBe("");
  expect(Number(verdict?.[2])).toBe(0);
  expect(Number(verdict?.[1])).toBeGreaterThanOrEqual(least);
}
