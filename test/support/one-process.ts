/** Many command lines in one process of the built program (see one-process.mjs). */
import { join } from "node:path";
import { execa } from "execa";
import { cleanEnvironment, ROOT, type Run } from "./cli.js";

/** Runs them one after the other in one folder; what every run must obey is for the caller to assert. */
export async function runInOneProcess(lines: readonly (readonly string[])[], cwd: string): Promise<Run[]> {
  const runner = join(ROOT, "test/support/one-process.mjs");
  const { stdout } = await execa(process.execPath, [runner, join(ROOT, "dist/cli.js")], {
    cwd,
    env: cleanEnvironment(cwd),
    extendEnv: false,
    input: lines.map((args) => `${JSON.stringify(args)}\n`).join(""),
    timeout: 170_000,
  });
  const runs = stdout.split("\n").map((line) => JSON.parse(line) as Run);
  if (runs.length !== lines.length) throw new Error(`${runs.length} of ${lines.length} commands answered`);
  return runs;
}

/**
 * The words of a command line as a shell would take them; null where it holds more than words and quotes.
 */
export function wordsOf(line: string): string[] | null {
  const words: string[] = [];
  let rest = line.trim();
  while (rest !== "") {
    const match = /^(?:"([^"\\$`]*)"|'([^']*)'|([^\s"'|&;<>$`\\*?(){}#~!]+))+/.exec(rest);
    if (match === null) return null;
    const word = match[0];
    words.push(word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single));
    rest = rest.slice(word.length);
    if (rest !== "" && !/^\s/.test(rest)) return null;
    rest = rest.trimStart();
  }
  return words;
}
