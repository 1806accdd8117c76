/**
 * Running the program with a set of commands: the one that is asked for gives a result, which is then written, and errors
 * become one message and an exit code. 0 done, 1 a check found something, 2 cannot be used, 130 interrupted.
 */
import { Command, CommanderError } from "commander";
import type { CommandDefinition, GlobalFlags, Invocation, Outcome, RawFlags } from "./commands/command.js";
import { InternalError, ScalefitError, UsageError } from "./errors.js";
import { errorJson, errorText, warningText } from "./report/error.js";
import { toJson } from "./report/json.js";
import { escapeText, listOf, nearest, quoteText } from "./text.js";
import { VERSION } from "./version.js";

const GLOBAL_FLAGS = [
  ["--json", "print one JSON document instead of text"],
  ["--quiet", "no notes and warnings on stderr (they stay in the JSON document)"],
  ["--debug", "with an error, show its causes"],
  ["--no-color", "no colour (NO_COLOR and FORCE_COLOR are obeyed too)"],
] as const;

/** Width of text that no terminal shows: wide enough for every table, the same everywhere. */
const FILE_WIDTH = 120;

/** What is left to do once a command has run: to write what it gave back. Gives the exit code. */
export type Finish = () => Promise<number>;

/**
 * Runs one step of the program in such a way that its errors are said.
 *
 * @param argv arguments without `node` and the script
 * @returns the exit code
 */
export async function guarded(argv: readonly string[], step: () => Promise<number>): Promise<number> {
  try {
    return await step();
  } catch (thrown) {
    const error = asKnown(thrown);
    // One way out for every error: stderr in words, stdout empty or the one JSON object.
    if (argv.includes("--json")) await write(process.stdout, toJson(errorJson(error))).catch(() => undefined);
    const causes = argv.includes("--debug") ? causesOf(thrown) : "";
    await write(process.stderr, errorText(error) + causes).catch(() => undefined);
    return 2;
  }
}

/** What holds for the whole process. */
export function prepareProcess(): void {
  // A Ctrl-C leaves at once; files are written whole or not at all, so nothing needs saving.
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  // The colour library knows FORCE_COLOR and TERM=dumb, but not NO_COLOR (no-color.org).
  if (process.env.NO_COLOR) process.env.FORCE_COLOR ??= "0";
}

/** Runs the command that is asked for; what it gives back is written by the function that is returned. */
export async function dispatch(
  argv: readonly string[],
  commands: readonly CommandDefinition[],
): Promise<Finish> {
  const program = new Command("scalefit");
  let chosen: { definition: CommandDefinition; invocation: Invocation } | null = null;
  const printed: string[] = [];
  const complaints: string[] = [];
  program
    .description(
      "Fit scaling laws to the logs of small training runs, say how sure the fit is, and plan the large run.",
    )
    .version(VERSION, "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .configureHelp({ helpWidth: Math.min(process.stdout.columns ?? 100, 100), minWidthToWrap: 20 })
    .addHelpText(
      "after",
      `\nStart with:\n  scalefit fit runs.csv\n  scalefit plan --flops 1e22\n\nEvery command has examples: scalefit fit --help\n`,
    );
  // Sub-commands take over these settings when they are made, so they come first.
  program
    .exitOverride()
    .configureOutput({
      writeOut: (text) => printed.push(text),
      writeErr: (text) => complaints.push(text),
      outputError: () => undefined,
    })
    .showSuggestionAfterError(true);
  // Of commands that are not named only the names are needed, for the list of commands and for slips.
  const named = (name: string): boolean => argv.includes(name);
  for (const definition of commands) {
    const flags = named(definition.name) || named("help") ? definition.flags : [];
    register(program, { ...definition, flags }, (invocation) => {
      chosen = { definition, invocation };
    });
  }
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync([...argv], { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode !== 0)
      throw thrown.code === "commander.help" ? unknownCommand(argv, commands) : usageOf(thrown);
  }
  if (complaints.length > 0 && chosen === null && printed.length === 0) printed.push(...complaints);
  if (chosen === null) return () => writeHelp(printed);
  const { definition, invocation } = chosen as { definition: CommandDefinition; invocation: Invocation };
  const outcome = await definition.run(invocation);
  return () => finish(outcome, invocation.global);
}

async function writeHelp(printed: readonly string[]): Promise<number> {
  if (printed.length > 0) await writeOut(printed.join(""));
  return 0;
}

function register(
  program: Command,
  definition: CommandDefinition,
  choose: (invocation: Invocation) => void,
): void {
  const command = program
    .command(definition.name)
    .summary(definition.summary)
    .description(definition.summary);
  for (const argument of definition.arguments ?? []) command.argument(argument.name, argument.description);
  for (const { flags, description, repeats } of definition.flags) {
    const takesValue = flags.includes("<") || flags.includes("[");
    if (repeats)
      command.option(flags, description, (value: string, before: string[] = []) => [...before, value]);
    else if (takesValue) command.option(flags, description, once(flags));
    else command.option(flags, description);
  }
  for (const [flags, description] of GLOBAL_FLAGS) command.option(flags, description);
  command.addHelpText("after", () => examplesText(definition));
  command.action((...given: unknown[]) => {
    const flags = command.opts<RawFlags>();
    const args = given
      .slice(0, -2)
      .flat()
      .filter((value): value is string => typeof value === "string");
    const global: GlobalFlags = {
      json: flags.json === true,
      quiet: flags.quiet === true,
      debug: flags.debug === true,
    };
    const width = process.stdout.isTTY ? Math.max(process.stdout.columns || 80, 40) : FILE_WIDTH;
    choose({ args, flags, global, width });
  });
}

/** A flag with one value may be given once; commander itself would keep the last one silently. */
function once(flags: string): (value: string, before: string | undefined) => string {
  const name = flags.split(/[\s,]+/).find((part) => part.startsWith("--"));
  return (value, before) => {
    if (before !== undefined) {
      throw new UsageError({
        code: "flag-repeated",
        message: `${name} is given twice: "${escapeText(before)}" and "${escapeText(value)}"`,
        hint: "give it once",
      });
    }
    return value;
  };
}

function examplesText(definition: CommandDefinition): string {
  if (definition.examples.length === 0) return "";
  return `\nExamples:\n${definition.examples.map(({ command, does }) => `  ${command}\n      ${does}\n`).join("")}`;
}

/** Commander's complaint in our form: its first line is what is wrong, its second a suggestion. */
function usageOf(thrown: CommanderError): UsageError {
  const [first, ...rest] = thrown.message.replace(/^error: /, "").split("\n");
  const suggestion = rest
    .join(" ")
    .trim()
    .replace(/^\(|\)$/g, "");
  return new UsageError({
    code: thrown.code.replace(/^commander\./, ""),
    message: escapeText(first, 300),
    hint: suggestion || "scalefit --help lists the commands, scalefit COMMAND --help its flags with examples",
    cause: thrown,
  });
}

/** `help` on a command that is not there, for which commander has no words. */
function unknownCommand(argv: readonly string[], commands: readonly CommandDefinition[]): UsageError {
  const name = argv.find((argument) => argument !== "help" && !argument.startsWith("-")) ?? "";
  const names = commands.map((command) => command.name);
  const near = nearest(name, names);
  return new UsageError({
    code: "unknownCommand",
    message: `unknown command ${quoteText(name)}`,
    hint: near.length > 0 ? `did you mean ${listOf(near, "or")}?` : `the commands are ${listOf(names)}`,
  });
}

/** The result first, then what there is to say about it. Annotations go to stderr beside a JSON document. */
async function finish(outcome: Outcome, global: GlobalFlags): Promise<number> {
  const { annotations = "" } = outcome;
  await writeOut(global.json ? toJson(outcome.document) : annotations + withoutCommands(outcome.text));
  const warnings = global.quiet ? "" : withoutCommands(outcome.warnings.map(warningText).join(""));
  const text = (global.json ? annotations : "") + warnings;
  if (text !== "") await write(process.stderr, text).catch(() => undefined);
  return outcome.exitCode;
}

/**
 * Text in which a CI runner finds no command of its own: GitHub's takes `::name::` at the beginning of a line and
 * `##[name]` anywhere, and a run or a group may be called so.
 */
function withoutCommands(text: string): string {
  if (!process.env.GITHUB_ACTIONS) return text;
  return text.replace(/^(\s*):(?=:)/gm, "$1: ").replace(/##(?=\[)/g, "# #");
}

/** Writes the result. A reader that went away is no trouble; a full device is. */
async function writeOut(text: string): Promise<void> {
  try {
    await write(process.stdout, text);
  } catch (cause) {
    if (codeOf(cause) === "EPIPE") return;
    throw new ScalefitError({
      code: "output",
      message: "standard output: the result could not be written",
      why: cause instanceof Error ? cause.message : undefined,
      hint: "free some space or send the output elsewhere",
      cause,
    });
  }
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // What goes wrong is said by the write itself; without a listener it would end the process.
    if (stream.listenerCount("error") === 0) stream.on("error", () => undefined);
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

const codeOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error && "code" in thrown ? String(thrown.code) : undefined;

/** What is no error of ours is a broken promise of the program: said in words, with its cause under --debug. */
function asKnown(thrown: unknown): ScalefitError {
  if (thrown instanceof ScalefitError) return thrown;
  const what = thrown instanceof Error ? thrown.message : String(thrown);
  return new InternalError({
    code: "internal",
    message: `something went wrong inside scalefit: ${escapeText(what, 200)}`,
    hint: "run it again with --debug and report what it prints",
    cause: thrown,
  });
}

function causesOf(thrown: unknown): string {
  const stacks: string[] = [];
  for (let at: unknown = thrown; at instanceof Error && stacks.length < 5; at = at.cause)
    stacks.push(at.stack ?? at.message);
  return `${stacks.join("\ncaused by: ")}\n`;
}
