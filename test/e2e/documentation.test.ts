import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commands } from "../../src/commands/index.js";
import type { LawsDocument } from "../../src/objects.js";
import { obeysTheRules, ROOT, workspace } from "../support/cli.js";
import { runInOneProcess, wordsOf } from "../support/one-process.js";
import { commandLines, folderWithExamples, shell } from "../support/shell.js";

/** Runs command lines one after the other in one folder. */
async function allRun(lines: readonly { line: string; exitCode: number }[], folder: string): Promise<void> {
  expect(lines.length).toBeGreaterThan(0);
  for (const { line, exitCode } of lines) {
    const run = await shell(line, folder);
    expect(run.exitCode, `${line}\n${run.stderr}`).toBe(exitCode);
    obeysTheRules(line.split(" ").slice(1), run);
  }
}

/** The same, those of plain words in one process. */
async function allRunTogether(
  lines: readonly { line: string; exitCode: number }[],
  folder: string,
): Promise<void> {
  expect(lines.length).toBeGreaterThan(0);
  const words = lines.map(({ line }) => wordsOf(line));
  expect(words.every((list) => list !== null && list[0] === "scalefit")).toBe(true);
  const runs = await runInOneProcess(
    words.map((list) => (list as string[]).slice(1)),
    folder,
  );
  runs.forEach((run, i) => {
    expect(run.exitCode, `${lines[i].line}\n${run.stderr}`).toBe(lines[i].exitCode);
    obeysTheRules(lines[i].line.split(" ").slice(1), run);
  });
}

/** The commands under `Examples:` in a help text. */
const examplesIn = (help: string): string[] =>
  help.split("Examples:\n")[1].match(/^ {2}scalefit .*$/gm) ?? [];

test("every example of every --help runs, one after the other in the repository's folder", async () => {
  const folder = folderWithExamples();
  const lines: { line: string; exitCode: number }[] = [];
  const helps = await runInOneProcess(
    commands.map(({ name }) => [name, "--help"]),
    folder,
  );
  for (const { stdout } of helps)
    lines.push(...examplesIn(stdout).map((line) => ({ line: line.trim(), exitCode: 0 })));
  expect(lines.length).toBeGreaterThanOrEqual(2 * commands.length);
  const together = lines.filter(({ line }) => wordsOf(line) !== null);
  await allRunTogether(together, folder);
  const others = lines.filter(({ line }) => wordsOf(line) === null);
  if (others.length > 0) await allRun(others, folder);
}, 180_000);

test("every example of the catalogue runs", async () => {
  const { laws } = await workspace().json<LawsDocument>(["laws"]);
  const lines = laws.flatMap(({ examples }) => examples.map((line) => ({ line, exitCode: 0 })));
  await allRunTogether(lines, folderWithExamples());
}, 180_000);

test("every scalefit command line of the README runs, in order, in one folder", async () => {
  const readme = join(ROOT, "README.md");
  expect(existsSync(readme), "README.md is there").toBe(true);
  const folder = folderWithExamples();
  // What the pages call the reader's own logs.
  writeFileSync(join(folder, "runs.csv"), readFileSync(join(folder, "examples/char-lm/runs.csv")));
  writeFileSync(join(folder, "new-runs.csv"), readFileSync(join(folder, "examples/ci/new-runs.csv")));
  await allRun(commandLines(readFileSync(readme, "utf8")), folder);
  // Some thirty programs, one after the other.
}, 180_000);

test("command lines are found in the code blocks of a page, and nowhere else", () => {
  const page = [
    "scalefit in running text, and `scalefit laws` in a line",
    "```sh",
    "npm install --global scalefit",
    "scalefit fit runs.csv   # writes scalefit.json",
    "npx scalefit check a.csv \\",
    "  --against b.json  # exit 1",
    "```",
    "```console",
    "$ scalefit laws",
    "  law  formula",
    "$ node bin/scalefit.js --version",
    "```",
    "```json",
    "scalefit fit in another language",
    "```",
  ].join("\n");
  expect(commandLines(page)).toEqual([
    { line: "scalefit fit runs.csv", exitCode: 0 },
    { line: "scalefit check a.csv --against b.json", exitCode: 1 },
    { line: "scalefit laws", exitCode: 0 },
    { line: "scalefit --version", exitCode: 0 },
  ]);
});
