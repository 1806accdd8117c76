import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/objects.js";
import { annotations } from "../../src/report/annotations.js";
import { seeded } from "../support/random.js";

const finding = (change: Partial<Finding> = {}): Finding => ({
  rule: "off-the-line",
  severity: "error",
  run: "run-7",
  measured: 2.75,
  expected: { estimate: 2.5, low: 2.4, high: 2.6 },
  message: "10 % above the prediction",
  file: "logs/runs.csv",
  line: 8,
  ...change,
});

/** What a runner makes of a line, by the rules of GitHub's documentation. */
function parsed(line: string) {
  const [, level, properties, data] = /^::(\w+) ([^:]*)::(.*)$/.exec(line) ?? [];
  const decoded = (text: string) =>
    text
      .replaceAll("%0D", "\r")
      .replaceAll("%0A", "\n")
      .replaceAll("%3A", ":")
      .replaceAll("%2C", ",")
      .replaceAll("%25", "%");
  const pairs = properties.split(",").map((pair) => pair.split("="));
  return {
    level,
    properties: Object.fromEntries(pairs.map(([name, ...value]) => [name, decoded(value.join("="))])),
    data: decoded(data),
  };
}

describe("an annotation", () => {
  test("names the file, the line, the rule, what was measured and what was expected", () => {
    expect(annotations([finding()])).toBe(
      "::error file=logs/runs.csv,line=8,title=scalefit off-the-line::" +
        "run-7: measured 2.75, expected 2.5000: 10 %25 above the prediction\n",
    );
  });

  test("is made for findings that are not ok, a note as a notice", () => {
    const lines = annotations([
      finding({ severity: "ok" }),
      finding({ severity: "warning" }),
      finding({ severity: "note", file: undefined, line: undefined }),
    ])
      .trimEnd()
      .split("\n");
    expect(lines.map((line) => parsed(line).level)).toEqual(["warning", "notice"]);
    expect(parsed(lines[1]).properties).toEqual({ title: "scalefit off-the-line" });
    expect(annotations([])).toBe("");
  });

  test("is one line for any run and any file, and no text of a log is taken for a command", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.constantFrom(
        "a\n::error::b",
        "x,line=1",
        "50%0A::set-output name=a::b",
        "a:b",
        "\r\n::stop-commands::x",
      ),
    );
    fc.assert(
      fc.property(text, text, (run, file) => {
        const output = annotations([finding({ run, file })]);
        expect(output.split("\n")).toHaveLength(2);
        const { level, properties, data } = parsed(output.trimEnd());
        expect(level).toBe("error");
        expect(Object.keys(properties)).toEqual(["file", "line", "title"]);
        expect(properties.line).toBe("8");
        expect(data.endsWith("10 % above the prediction")).toBe(true);
        expect(data).not.toContain("\n");
      }),
      seeded(500),
    );
  });
});
