import { describe, expect, test } from "vitest";
import { DataError, InputError, UsageError } from "../../src/errors.js";
import { errorJson, errorText, warningText } from "../../src/report/error.js";

const dated = new InputError({
  code: "not-a-number",
  message: 'cannot use "3. Feb" as a number',
  file: "runs.csv",
  line: 14,
  column: "loss",
  why: "a spreadsheet seems to have turned the value into a date",
  hint: "fix the cell or delete the row",
});

describe("an error as text", () => {
  test("says where, what, why and what to do, a line each", () => {
    expect(errorText(dated)).toBe(
      'scalefit: runs.csv:14: column "loss": cannot use "3. Feb" as a number\n' +
        "  a spreadsheet seems to have turned the value into a date\n" +
        "  fix the cell or delete the row\n",
    );
  });

  test("leaves out what is not known", () => {
    expect(errorText(new UsageError({ code: "flags", message: "plan needs a budget" }))).toBe(
      "scalefit: plan needs a budget\n",
    );
    expect(errorText(new DataError({ code: "x", message: "no rows", file: "a.csv" }))).toBe(
      "scalefit: a.csv: no rows\n",
    );
    expect(errorText(new InputError({ code: "x", message: "no", line: 3 }))).toBe("scalefit: line 3: no\n");
  });

  test("shows a hostile file or column harmless", () => {
    const error = new InputError({ code: "x", message: "no", file: "a\u001b[2J\nb", column: "c\u202ed" });
    expect(errorText(error)).toBe('scalefit: a\\u{1b}[2J\\u{a}b: column "c\\u{202e}d": no\n');
  });
});

describe("an error as JSON", () => {
  test("is one object with its code, message, place and hint", () => {
    expect(JSON.parse(JSON.stringify(errorJson(dated)))).toEqual({
      error: {
        code: "not-a-number",
        message: 'cannot use "3. Feb" as a number',
        file: "runs.csv",
        line: 14,
        column: "loss",
        why: "a spreadsheet seems to have turned the value into a date",
        hint: "fix the cell or delete the row",
      },
    });
  });
});

describe("a warning as text", () => {
  test("names its group where it has one", () => {
    const warning = { code: "few-rows", message: "7 rows for 5 parameters" };
    expect(warningText(warning)).toBe("warning: 7 rows for 5 parameters\n");
    expect(warningText({ ...warning, group: "adam\nw" })).toBe(
      "warning: adam\\u{a}w: 7 rows for 5 parameters\n",
    );
  });
});
