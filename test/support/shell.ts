/** Command lines as people type them, with `scalefit` on the path: in a shell, in a terminal, from a page. */
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { cleanEnvironment, freshFolder, PROGRAM, ROOT, type Run, withoutColours } from "./cli.js";

let binFolder: string | undefined;

/** The PATH with the built program as `scalefit` on it. */
function pathWithScalefit(): string {
  if (binFolder === undefined) {
    binFolder = freshFolder();
    symlinkSync(PROGRAM, join(binFolder, "scalefit"));
  }
  return `${binFolder}:${process.env.PATH}`;
}

/** A folder with the repository's examples in it, as a reader of the README has them. */
export function folderWithExamples(): string {
  const folder = freshFolder();
  for (const name of [
    "examples/ci",
    "examples/char-lm/runs.csv",
    "examples/logs",
    "examples/repeated-sampling",
    "examples/two-recipes",
    "examples/decide-metrics",
  ]) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  return folder;
}

/** Runs one line in bash; a pipe fails with its first part that fails. */
export async function shell(line: string, cwd: string, env: Record<string, string> = {}): Promise<Run> {
  const result = await execa("bash", ["-o", "pipefail", "-c", line], {
    cwd,
    env: { ...cleanEnvironment(cwd), PATH: pathWithScalefit(), ...env },
    extendEnv: false,
    input: "",
    reject: false,
    stripFinalNewline: false,
    timeout: 50_000,
  });
  return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
}

/** Quotes a word for the shell. */
export const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** What `scalefit` writes to a terminal of this many columns, colours and all; stderr is left out. */
export async function inTerminal(
  args: readonly string[],
  columns: number,
  cwd: string,
  env: Record<string, string> = { TERM: "xterm-256color", NO_COLOR: "" },
): Promise<string> {
  const words = [process.execPath, PROGRAM, ...args].map(quoted).join(" ");
  const command = `stty cols ${columns} rows 24; exec ${words} 2>/dev/null`;
  const { NO_COLOR: _, ...clean } = cleanEnvironment(cwd);
  // `script` from util-linux gives the program a terminal of its own.
  const line = `script --quiet --return --command ${quoted(command)} /dev/null`;
  const result = await execa("bash", ["-c", line], {
    cwd,
    env: Object.fromEntries(Object.entries({ ...clean, ...env }).filter(([, value]) => value !== "")),
    extendEnv: false,
    input: "",
    stripFinalNewline: false,
    timeout: 50_000,
  });
  return result.stdout.replaceAll("\r\n", "\n");
}

/** The widest line of a text, as a terminal counts. */
export const widthOf = (text: string): number =>
  Math.max(
    ...withoutColours(text)
      .split("\n")
      .map((line) => Array.from(line).length),
  );

/** A command line of a page, and the exit code it is shown with. */
export interface CommandLine {
  line: string;
  exitCode: number;
}

/**
 * The scalefit command lines in the code blocks of a page: in a block marked `sh`, `bash` or `console`, each line that
 * begins with `scalefit`, `npx scalefit` or `node bin/scalefit.js` (after a `$ `, if any). A line that ends in a
 * backslash goes on in the next one; `# exit 1` at the end says what it ends with.
 */
export function commandLines(page: string): CommandLine[] {
  const blocks = page.matchAll(/^```(?:sh|bash|console)\b[^\n]*\n(.*?)^```/gms);
  return [...blocks].flatMap(([, block]) =>
    block
      .replace(/\\\n\s*/g, "")
      .split("\n")
      .map((line) => line.trim().replace(/^\$ /, ""))
      .filter((line) => /^(npx (--no-install )?scalefit|scalefit|node bin\/scalefit\.js)( |$)/.test(line))
      .map((line) => ({
        line: line
          .replace(/^(npx (--no-install )?scalefit|node bin\/scalefit\.js)/, "scalefit")
          .replace(/\s+#.*$/, ""),
        exitCode: Number(/#.*\bexit (\d+)/.exec(line)?.[1] ?? 0),
      })),
  );
}
