/**
 * Runs the built program as a user would: a process of its own, a fresh folder, an environment with nothing in it that
 * was not asked for. What every run must obey, whatever the command, is asserted here.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, expect } from "vitest";

/** The repository. */
export const ROOT = resolve(import.meta.dirname, "../..");
export const PROGRAM = join(ROOT, "bin/scalefit.js");

if (!existsSync(join(ROOT, "dist/cli.js"))) throw new Error("the program is not built: npm run build");

const made: string[] = [];
afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** An empty folder that is removed when the tests of the file are done. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "scalefit-test-"));
  made.push(folder);
  return folder;
}

export interface RunOptions {
  /** More environment variables; without them there is no CI, no GITHUB_ACTIONS, no colour. */
  env?: Record<string, string>;
  /** What standard input gives; without it, it is empty. */
  input?: string | Uint8Array;
  /** The working folder, where it is not the workspace itself. */
  cwd?: string;
}

export interface Run {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** A folder with files in which the program is run. */
export interface Workspace {
  path: string;
  /** Runs `scalefit` with these arguments; the rules that every run obeys are asserted. */
  run(args: readonly string[], options?: RunOptions): Promise<Run>;
  /** Runs it with `--json`, expects this exit code, and gives the one document it prints. */
  json<T>(args: readonly string[], options?: RunOptions & { exitCode?: number }): Promise<T>;
  /** Names of the files and folders in it, sorted. */
  files(): string[];
  read(name: string): string;
  write(name: string, content: string | Uint8Array): void;
}

export function workspace(files: Record<string, string | Uint8Array> = {}): Workspace {
  const path = freshFolder();
  const at: Workspace = {
    path,
    async run(args, options = {}) {
      const before = snapshot(path);
      const run = await start(args, { ...options, cwd: options.cwd ?? path });
      obeysTheRules(args, run);
      if (run.exitCode === 2)
        expect(snapshot(path), "a run that cannot be used changes no file").toEqual(before);
      return run;
    },
    async json<T>(
      args: readonly string[],
      { exitCode = 0, ...options }: RunOptions & { exitCode?: number } = {},
    ) {
      const run = await at.run([...args, "--json"], options);
      expect(run.exitCode, run.stderr).toBe(exitCode);
      return JSON.parse(run.stdout) as T;
    },
    files: () => readdirSync(path).sort(),
    read: (name) => readFileSync(join(path, name), "utf8"),
    write(name, content) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), content);
    },
  };
  for (const [name, content] of Object.entries(files)) at.write(name, content);
  return at;
}

/** The variables a run starts with: enough to find programs, nothing that steers the output. */
export function cleanEnvironment(home: string): Record<string, string> {
  return { PATH: process.env.PATH ?? "", HOME: home, TZ: "UTC", NO_COLOR: "1" };
}

async function start(
  args: readonly string[],
  { env, input, cwd }: RunOptions & { cwd: string },
): Promise<Run> {
  const result = await execa(process.execPath, [PROGRAM, ...args], {
    cwd,
    env: { ...cleanEnvironment(cwd), ...env },
    extendEnv: false,
    input: input ?? "",
    reject: false,
    stripFinalNewline: false,
    timeout: 50_000,
  });
  if (result.exitCode === undefined)
    throw new Error(`the program did not end by itself: ${result.shortMessage}`);
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

const MACHINE_WORDS = /\bNaN\b|\bInfinity\b|undefined|\[object /;
const STACK_TRACE = /^\s+at .+:\d+:\d+\)?$|node:internal|\b(Type|Range|Reference|Syntax)Error\b/m;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL_CHARACTERS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

/** What holds for every run: the streams, the exit code, and what no text may contain. */
export function obeysTheRules(args: readonly string[], { exitCode, stdout, stderr }: Run): void {
  const what = `scalefit ${args.join(" ")}`;
  expect([0, 1, 2], `${what}: the exit code`).toContain(exitCode);
  expect(stdout, `${what}: words of the machine`).not.toMatch(MACHINE_WORDS);
  for (const text of [stdout, stderr]) {
    if (!args.includes("--debug")) expect(text, `${what}: a stack trace`).not.toMatch(STACK_TRACE);
    expect(withoutColours(text), `${what}: a control character`).not.toMatch(CONTROL_CHARACTERS);
  }
  if (args.includes("--json") && (stdout !== "" || exitCode !== 2)) isOneDocument(what, stdout);
  if (exitCode !== 2) return;
  expect(stderr, `${what}: says why it cannot be used`).toMatch(/^scalefit: \S/);
  if (args.includes("--json")) expect(JSON.parse(stdout), what).toHaveProperty("error.message");
  else expect(stdout, `${what}: exit 2 leaves stdout empty`).toBe("");
}

function isOneDocument(what: string, stdout: string): void {
  expect(stdout.endsWith("}\n"), `${what}: one document and a line end`).toBe(true);
  expect(() => JSON.parse(stdout), `${what}: stdout is exactly one JSON document`).not.toThrow();
}

/** A text without the codes of colours and weights. */
export function withoutColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with the escape character
  return text.replace(/\u001b\[[0-9;]*m/g, "");
}

/** Every file below a folder with its content: what must not change when a run is refused. */
function snapshot(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    found[path] = entry.isFile() ? readFileSync(path, "latin1") : "(no file)";
  }
  return found;
}
