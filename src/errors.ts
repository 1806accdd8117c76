/**
 * The errors a user can cause. Each answers four questions in the user's words: what, where, why, what to do.
 * They are made where the trouble is known and worded for the terminal or for JSON in one place (`report/error.ts`).
 */

/** Where in a file the trouble is; lines and columns are counted from 1, the header is line 1. */
export interface Place {
  file?: string;
  line?: number;
  /** The name of the column, as the file spells it. */
  column?: string;
  /** The offending text, as found; it is escaped and shortened when shown. */
  cell?: string;
}

interface Details extends Place {
  /** Stable name of the kind of trouble, in kebab-case. */
  code: string;
  /** One sentence: what cannot be done. */
  message: string;
  /** Why, where that is not plain from the message. */
  why?: string;
  /** What to do about it. */
  hint?: string;
  cause?: unknown;
}

/** The family: everything in it ends the program with exit code 2 and one message. */
export class ScalefitError extends Error {
  readonly code: string;
  readonly place: Place;
  readonly why: string | undefined;
  readonly hint: string | undefined;

  constructor(details: Details) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    const { file, line, column, cell } = details;
    this.name = new.target.name;
    this.code = details.code;
    this.place = { file, line, column, cell };
    this.why = details.why;
    this.hint = details.hint;
  }
}

/** A file or a cell of it cannot be used. */
export class InputError extends ScalefitError {}

/** A flag or an argument cannot be used. */
export class UsageError extends ScalefitError {}

/** The data are readable but cannot answer the question: how many there are, how many are needed, what would help. */
export class DataError extends ScalefitError {}

/** A promise of our own is broken; never the user's fault. */
export class InternalError extends ScalefitError {}
