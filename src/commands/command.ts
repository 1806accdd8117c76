/**
 * What a subcommand is. To add one: a file beside this one that exports a `CommandDefinition`, and a line in
 * `index.ts`. Definitions are loaded for `--help` too, so what a command needs to run is imported inside `run`.
 */
import type { Warning } from "../objects.js";

export interface FlagDefinition {
  /** As commander writes it: `--flops <number>`. */
  flags: string;
  description: string;
  /** The flag may be given several times; its value is then a list. */
  repeats?: boolean;
}

/** Values of flags by their camel-case name, as text (not yet understood). */
export type RawFlags = Readonly<Record<string, string | string[] | boolean | undefined>>;

export interface GlobalFlags {
  json: boolean;
  quiet: boolean;
  debug: boolean;
}

/** What the outside world gives to a command. */
export interface Invocation {
  args: string[];
  flags: RawFlags;
  global: GlobalFlags;
  /** Width of the terminal in characters; a fixed one where the output is no terminal. */
  width: number;
}

/** What a command gives back; the program writes it. */
export interface Outcome {
  /** The result as text for people. */
  text: string;
  /** Lines for the runner of a CI, meant to be taken for its commands. */
  annotations?: string;
  /** The result as the document that `--json` prints; it carries the warnings. */
  document: object;
  warnings: readonly Warning[];
  exitCode: 0 | 1;
}

export interface CommandDefinition {
  name: string;
  summary: string;
  /** As commander writes them: `<files...>`. */
  arguments?: { name: string; description: string }[];
  flags: readonly FlagDefinition[];
  /** Whole commands that run, each with what it does. */
  examples: readonly { command: string; does: string }[];
  run(invocation: Invocation): Promise<Outcome>;
}
