import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseInteger, parseNumber, plainNumber, type Quantity } from "../../src/logs/numbers.js";

const read = (text: string, quantity: Quantity = "plain") => {
  const parsed = parseNumber(text, quantity, "flag");
  return "value" in parsed ? parsed.value : parsed.fault;
};

describe("numbers that are read", () => {
  test.each<[string, Quantity, number]>([
    ["1e22", "flops", 1e22],
    ["5.76e+23", "flops", 5.76e23],
    ["1E22", "flops", 1e22],
    [".5", "plain", 0.5],
    ["5.", "plain", 5],
    ["-3.1", "loss", -3.1],
    ["+2", "count", 2],
    ["70M", "params", 70e6],
    ["0.41B", "params", 410e6],
    ["7B params", "params", 7e9],
    ["7Bparams", "params", 7e9],
    ["8e9 tokens", "tokens", 8e9],
    ["0.03T", "tokens", 3e10],
    ["10k", "count", 10_000],
    ["1e22 FLOPs", "flops", 1e22],
    ["22 ZFLOP", "flops", 2.2e22],
    ["3E", "flops", 3e18],
    ["1.5E FLOPs", "flops", 1.5e18],
    ["1E5", "flops", 1e5],
    ["2P", "flops", 2e15],
    ["1Y", "flops", 1e24],
    ["30d", "seconds", 30 * 86_400],
    ["12h", "seconds", 12 * 3600],
    ["90 min", "seconds", 5400],
    ["2%", "fraction", 0.02],
    ["0.02", "fraction", 0.02],
    ["$3M", "usd", 3e6],
    ["3e6", "usd", 3e6],
    ["2.5 USD", "usd", 2.5],
    ["3.2 nats", "loss", 3.2],
    [" 7e9\t", "params", 7e9],
    ["0", "plain", 0],
    ["0.000e10", "plain", 0],
  ])("%j as %s is %d", (text, quantity, value) => {
    expect(read(text, quantity)).toBe(value);
  });
});

describe("texts that are refused, with the reason in words", () => {
  test.each<[string, Quantity, RegExp]>([
    ["", "flops", /empty.*1e22/],
    ["   ", "flops", /empty/],
    ["abc", "flops", /not a number/],
    ["NaN", "flops", /not a number/],
    ["Infinity", "flops", /infinite/],
    ["1e500", "flops", /larger than any number/],
    ["1e99999999999", "flops", /larger than any number/],
    ["1e-400", "flops", /so small/],
    ["1e22 bananas", "flops", /bananas/],
    ["1e", "flops", /exponent without digits/],
    ["1e22e", "flops", /exponent without digits/],
    ["1e22.5", "flops", /not one number/],
    ["1,000", "flops", /ambiguous: 1000 or 1.000/],
    ["1,000,000", "flops", /thousands separators: write 1000000/],
    ["1_000", "flops", /digit separators: write 1000/],
    ["0x10", "flops", /not decimal/],
    ["0b11", "flops", /not decimal/],
    ["１ｅ２２", "flops", /digits other than 0-9/],
    ["١e٢٢", "flops", /digits other than 0-9/],
    ["−1e22", "flops", /minus sign other than -/],
    ["1e22\u200b", "flops", /invisible character \(U\+200B\)/],
    ["1e22;rm -rf x", "flops", /no suffix or unit/],
    ["$(id)", "flops", /not a number/],
    ["__proto__", "flops", /not a number/],
    ["[1e22]", "flops", /not a number/],
    ["true", "flops", /not a number/],
    ["10^22", "flops", /power written out.*1e22/],
    ["1m", "params", /milli or million\? write 1e6 or 1M/],
    ["7b", "params", /capitals apart: write 7B/],
    ["5K", "tokens", /capitals apart: write 5k/],
    ["70Q", "params", /"Q" is no suffix.*k M B T/],
    ["1G", "params", /"G" is no suffix/],
    ["8e9 tokens", "params", /no suffix or unit/],
    ["3.1f", "loss", /no suffix/],
    ["3.1.4", "loss", /not one number/],
    ["--3", "loss", /not a number/],
    ["(3.1)", "loss", /not a number/],
    ["3. Feb", "loss", /no suffix/],
    ["2025-03-02", "loss", /no suffix/],
    ["10\u00a0000", "params", /special blank/],
    ["2%", "loss", /no suffix/],
    ["$3", "flops", /not a number/],
  ])("%j as %s", (text, quantity, reason) => {
    const parsed = parseNumber(text, quantity, "flag");
    expect(parsed).toHaveProperty("fault");
    expect("fault" in parsed && parsed.fault).toMatch(reason);
  });

  test("no fault holds a raw control character or a word of the machine", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 20 }), (text) => {
        const parsed = parseNumber(text, "flops", "flag");
        if ("value" in parsed) return;
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        expect(parsed.fault).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]|NaN|Infinity|undefined/);
      }),
    );
  });
});

describe("whole numbers", () => {
  test.each([
    ["0", 0],
    ["1", 1],
    ["1k", 1000],
    ["1e3", 1000],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ])("%j is %d", (text, value) => {
    expect(parseInteger(text)).toEqual({ value });
  });

  test.each([
    ["-1", /negative/],
    ["1.5", /no whole number/],
    ["99999999999999999999", /too large/],
    ["9007199254740992", /too large/],
    ["abc", /not a number/],
    ["", /empty/],
  ])("%j is refused", (text, reason) => {
    const parsed = parseInteger(text);
    expect("fault" in parsed && parsed.fault).toMatch(reason);
  });
});

/** The grammar of the contract, said a second time and independently of the parser. */
const GRAMMAR: Record<Quantity, RegExp> = (() => {
  const number = String.raw`[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?`;
  const of = (suffixes: string, words: string) =>
    new RegExp(String.raw`^[ \t]*${number}(?: *[${suffixes}])?(?: *(?:${words}))?[ \t]*$`, "i");
  return {
    params: of("kMBT", "params?|parameters?"),
    tokens: of("kMBT", "tokens?|toks?"),
    flops: of("kMBTGPEZY", "flops?"),
    loss: of("kMBT", "nats?|nats/token"),
    count: of("kMBT", ""),
    fraction: of("%", "%"),
    usd: new RegExp(String.raw`^[ \t]*\$?${number}(?: *[kMBT])?(?: *(?:usd|dollars?))?[ \t]*$`, "i"),
    seconds: new RegExp(
      String.raw`^[ \t]*${number}(?: *(?:s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?))?[ \t]*$`,
      "i",
    ),
    bytes: new RegExp(String.raw`^[ \t]*${number}(?: *[kMBTGP])? *(?:b|bytes?|[kmgt]ib)?[ \t]*$`, "i"),
    energy: new RegExp(String.raw`^[ \t]*${number} *[kMGT]? *(?:wh|j|joules?)?[ \t]*$`, "i"),
    hours: of("kMBT", "h|hours?|gpu-hours|gpuh|gpu-h"),
    rate: of("kMBT", "tok(?:en)?s?/s"),
    plain: of("kMBT", ""),
  };
})();
const quantities = Object.keys(GRAMMAR) as Quantity[];

describe("properties", () => {
  test("a printed number is read as itself", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(read(String(value))).toBe(value === 0 ? 0 : value);
        expect(plainNumber(String(value))).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  test("a suffix is the same as its power of ten, to the last bit", () => {
    const suffixes = { k: 3, M: 6, B: 9, T: 12 };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9_999_999 }),
        fc.integer({ min: 0, max: 6 }),
        fc.constantFrom(...(Object.keys(suffixes) as (keyof typeof suffixes)[])),
        (digits, places, suffix) => {
          const text = (digits / 10 ** places).toFixed(places);
          expect(read(`${text}${suffix}`, "params")).toBe(Number(`${text}e${suffixes[suffix]}`));
        },
      ),
    );
  });

  test("nothing is accepted that the grammar does not describe", () => {
    const pieces = fc.constantFrom(
      ..."0123456789.eE+-kMBTGZm%$ ,_x^",
      "tokens",
      "FLOPs",
      "d",
      "\u200b",
      "１",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), fc.constantFrom(...quantities), (parts, quantity) => {
        const text = parts.join("");
        const parsed = parseNumber(text, quantity, "cell");
        if ("value" in parsed) {
          expect(text).toMatch(GRAMMAR[quantity]);
          expect(Number.isFinite(parsed.value)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("a plain number is never read out of a part of a text", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        const value = plainNumber(text);
        if (!Number.isNaN(value)) expect(text).toMatch(/^[ \t]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[ \t]*$/);
      }),
    );
  });
});
