import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { commands } from "../../src/commands/index.js";
import { baselineRuns, newRuns } from "../support/ci-example.js";
import { PROGRAM, ROOT, type Workspace, withoutColours, workspace } from "../support/cli.js";
import { toCsv } from "../support/made-log.js";
import { runInOneProcess } from "../support/one-process.js";
import { inTerminal, quoted, shell, widthOf } from "../support/shell.js";

const names = commands.map(({ name }) => name);

/** A folder with a log, its fit, and four larger runs. */
async function fitted(): Promise<Workspace> {
  const at = workspace({ "runs.csv": toCsv(baselineRuns()), "new.csv": toCsv(newRuns()) });
  await at.run(["fit", "runs.csv"]);
  return at;
}

/** One line of every kind of output. */
const EVERY_VIEW: readonly string[][] = [
  ["fit", "runs.csv", "--no-save"],
  ["fit", "runs.csv", "--law", "power,power-floor,chinchilla", "--bootstrap", "0", "--no-save"],
  ["plan", "--flops", "1e21"],
  ["plan", "--flops", "1e22", "--preset", "besiroglu"],
  ["predict", "--params", "7B", "--tokens", "2T"],
  ["predict", "new.csv"],
  ["check", "new.csv"],
  ["laws"],
  ["laws", "chinchilla"],
];

describe("help", () => {
  test("--help lists the commands and how to start", async () => {
    const { stdout, stderr, exitCode } = await workspace().run(["--help"]);
    expect(exitCode).toBe(0);
    expect(stderr).toBe("");
    for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
    expect(stdout).toContain("scalefit fit runs.csv");
  });

  test("no arguments show the same, and so does -h", async () => {
    const help = await workspace().run(["--help"]);
    for (const args of [[], ["-h"], ["help"]]) expect(await workspace().run(args)).toEqual(help);
  });

  test.each(names)("%s --help has flags, the common ones among them, and examples", async (name) => {
    const { stdout, stderr, exitCode } = await workspace().run([name, "--help"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    for (const flag of ["--json", "--quiet", "--debug", "--no-color"]) expect(stdout).toContain(`  ${flag} `);
    expect(stdout).toMatch(new RegExp(`Examples:\\n  scalefit ${name}`));
    expect(await workspace().run(["help", name])).toEqual({ stdout, stderr, exitCode });
  });

  test("--version is the version of package.json", async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    expect(await workspace().run(["--version"])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: "" });
  });
});

describe("a slip of the pen", () => {
  test.each([
    [["plna", "--flops", "1e22"], /unknown command 'plna'\n.*plan/],
    [["help", "plna"], /plna.*\n.*plan/],
    [["--no-such-flag"], /unknown option '--no-such-flag'/],
    [["plan", "--flop", "1e22"], /unknown option '--flop'\n.*--flops/],
    [["fit", "runs.csv", "--bootstrp", "5"], /'--bootstrp'\n.*--bootstrap/],
    [["plan", "--flops"], /--flops/],
    [["fit"], /'files'/],
  ])("%j is refused with what was meant", async (args, says) => {
    const { exitCode, stderr } = await workspace().run(args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(says);
  });

  const single = commands.flatMap(({ name, arguments: args, flags }) =>
    flags
      .filter((flag) => flag.flags.includes("<") && !flag.repeats)
      .map((flag) => ({
        name,
        flag: /--[a-z-]+/.exec(flag.flags)?.[0] as string,
        needsFile: args !== undefined,
      })),
  );
  test("a flag with one value is refused when it is given twice, whichever it is", async () => {
    const lines = single.map(({ name, flag, needsFile }) => [
      name,
      ...(needsFile ? ["runs.csv"] : []),
      flag,
      "1",
      `${flag}=2`,
    ]);
    const runs = await runInOneProcess(lines, workspace().path);
    runs.forEach(({ exitCode, stderr }, i) => {
      expect(exitCode, lines[i].join(" ")).toBe(2);
      expect(stderr, lines[i].join(" ")).toContain(`${single[i].flag} is given twice: "1" and "2"`);
    });
  });

  test("--debug adds where it went wrong, and nothing without it does", async () => {
    const at = workspace();
    const plain = await at.run(["fit", "nope.csv"]);
    const debug = await at.run(["fit", "nope.csv", "--debug"]);
    expect(debug.stderr.startsWith(plain.stderr)).toBe(true);
    expect(debug.stderr).toMatch(/\n\s+at /);
  });
});

describe("standard output", () => {
  test("may be closed early by a reader: no word about it, exit 0", async () => {
    const at = await fitted();
    at.write(
      "many.csv",
      toCsv(Array.from({ length: 20_000 }, (_, i) => ({ ...newRuns()[0], run: `r${i}` }))),
    );
    // Under pipefail the exit code of the pipe is that of scalefit.
    const run = await shell("scalefit predict many.csv --preset besiroglu --quiet | head -1", at.path);
    expect(run.exitCode).toBe(0);
    expect(run.stdout.trim().split("\n")).toHaveLength(1);
    expect(run.stderr).toBe("");
  });

  test("that is full costs exit 2 and a word", async () => {
    const at = await fitted();
    for (const args of ["plan --flops 1e21", "plan --flops 1e21 --json", "--help", "--version"]) {
      const run = await shell(`scalefit ${args} > /dev/full`, at.path);
      expect(run.exitCode, args).toBe(2);
      expect(run.stderr, args).toMatch(/standard output: the result could not be written/);
    }
  });

  test("is the same for a file, a pipe and every COLUMNS", async () => {
    const at = await fitted();
    const plain = await at.run(["plan", "--flops", "1e21"]);
    const narrow = await at.run(["plan", "--flops", "1e21"], { env: { COLUMNS: "40" } });
    await shell("scalefit plan --flops 1e21 > out.txt", at.path);
    expect(narrow.stdout).toBe(plain.stdout);
    expect(at.read("out.txt")).toBe(plain.stdout);
  });
});

describe("colour", () => {
  const ESCAPE = "\u001b[";

  test("is there on a terminal, and gone with NO_COLOR, --no-color and TERM=dumb", async () => {
    const at = await fitted();
    const shown = (args: string[], env?: Record<string, string>) =>
      inTerminal([...args, "--flops", "1e21"], 100, at.path, env);
    const coloured = await shown(["plan"]);
    expect(coloured).toContain(ESCAPE);
    for (const plain of [
      await shown(["plan"], { TERM: "xterm-256color", NO_COLOR: "1" }),
      await shown(["plan", "--no-color"]),
      await shown(["plan"], { TERM: "dumb" }),
    ]) {
      expect(plain).not.toContain(ESCAPE);
      expect(plain).toBe(withoutColours(coloured));
    }
  });

  test("is not there in a pipe unless FORCE_COLOR asks for it", async () => {
    const at = await fitted();
    const command = `${quoted(process.execPath)} ${quoted(PROGRAM)} plan --flops 1e21`;
    expect((await shell(`unset NO_COLOR; ${command}`, at.path)).stdout).not.toContain(ESCAPE);
    expect((await shell(`unset NO_COLOR; FORCE_COLOR=1 ${command}`, at.path)).stdout).toContain(ESCAPE);
    expect((await shell(`unset NO_COLOR; FORCE_COLOR=1 ${command} --json`, at.path)).stdout).not.toContain(
      ESCAPE,
    );
  });
});

describe.each([60, 80])("on a terminal of %i columns", (columns) => {
  let at: Workspace;
  beforeAll(async () => {
    at = await fitted();
  });

  test.each(EVERY_VIEW.map((args) => [args.join(" "), args]))("%s is no wider", async (_, args) => {
    const shown = await inTerminal(args, columns, at.path);
    expect(shown.length).toBeGreaterThan(100);
    expect(withoutCommands(shown)).not.toMatch(/\u2026$/m);
    expect(widthOf(withoutCommands(shown))).toBeLessThanOrEqual(columns);
  });

  test.each([[["--help"]], ...names.map((name) => [[name, "--help"]])])("%j is no wider", async (args) => {
    expect(widthOf(withoutCommands(await inTerminal(args, columns, at.path)))).toBeLessThanOrEqual(columns);
  });
});

/** A command that is shown to be copied stands on one line, however long it is. */
const withoutCommands = (text: string): string =>
  withoutColours(text)
    .split("\n")
    .filter((line) => !/^\s+scalefit \S/.test(line))
    .join("\n");

describe("what a user sees", () => {
  let at: Workspace;
  beforeAll(async () => {
    at = await fitted();
    at.write("off.csv", toCsv(newRuns().map((run, i) => (i === 2 ? { ...run, loss: 2.4655 } : run))));
  });

  test.each([
    ["fit", ["fit", "runs.csv", "--no-save"]],
    ["fit-choice", ["fit", "runs.csv", "--law", "power,power-floor,chinchilla", "--no-save"]],
    ["plan", ["plan", "--flops", "1e21"]],
    ["plan-preset", ["plan", "--flops", "1e22"]],
    ["predict", ["predict", "--params", "1.5B", "--tokens", "30B"]],
    ["predict-file", ["predict", "new.csv"]],
    ["backtest", ["backtest", "runs.csv", "--target", "1e21", "--no-save"]],
    ["check", ["check", "off.csv"]],
    ["laws", ["laws"]],
    ["laws-chinchilla", ["laws", "chinchilla"]],
    ["help", ["--help"]],
  ])("golden/%s.txt", async (name, args) => {
    // The preset steps in only where no fit is at hand.
    const { stdout, stderr, exitCode } = await (name === "plan-preset" ? workspace() : at).run(args);
    const lines = [
      `$ scalefit ${args.join(" ")}`,
      stdout.trimEnd(),
      ...(stderr === "" ? [] : ["", stderr.trimEnd()]),
    ];
    if (exitCode !== 0) lines.push("", `(exit ${exitCode})`);
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(`golden/${name}.txt`);
  });
});
