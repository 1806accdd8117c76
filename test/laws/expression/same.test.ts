import { expect, test } from "vitest";
import { parseFormula, sameFormula } from "../../../src/laws/expression/index.js";

function renaming(a: string, b: string, inputsOfA = "", inputsOfB = ""): string | null {
  const words = (text: string): string[] => text.split(" ").filter(Boolean);
  const found = sameFormula(parseFormula(a), parseFormula(b), { a: words(inputsOfA), b: words(inputsOfB) });
  return found && [...found].map(([from, to]) => `${from}>${to}`).join(" ");
}

const chinchilla = "E + A/N^alpha + B/D^beta";

test.each([
  ["itself", chinchilla, "E>E A>A N>N alpha>alpha B>B D>D beta>beta"],
  ["other order", "B/D^beta + A/N^alpha + E", "B>B D>D beta>beta A>A N>N alpha>alpha E>E"],
  ["other letters", "c + p*N^-a + q*D^(-b)", "c>E p>A N>N a>alpha q>B D>D b>beta"],
  ["letters exchanged", "A + B/N^beta + E/D^alpha", "A>E B>A N>N beta>alpha E>B D>D alpha>beta"],
  ["products the other way", "N^-alpha*A + E + D^(-beta)*B", "N>N alpha>alpha A>A E>E D>D beta>beta B>B"],
  ["through exp and log", "E + A*exp(-alpha*log(N)) + B/D^beta", "E>E A>A alpha>alpha N>N B>B D>D beta>beta"],
])("the Chinchilla law is recognised: %s", (_, formula, expected) => {
  expect(renaming(formula, chinchilla, "N D", "N D")).toBe(expected);
});

test("an input that both list becomes itself, whatever its coefficient is called", () => {
  expect(renaming("E + A/D^alpha + B/N^beta", chinchilla, "N D", "N D")).toBe(
    "E>E A>B D>D alpha>beta B>A N>N beta>alpha",
  );
});

test("inputs with other names are matched to inputs, never to parameters", () => {
  expect(renaming("c + a*x^-p", "E + A/N^alpha", "x", "N")).toBe("c>E a>A x>N p>alpha");
  expect(renaming("c + a*x^-p", "E + A/N^alpha", "a", "N")).toBeNull();
});

test("one of several renamings keeps equal names", () => {
  const lanczos = "b1*exp(-b2*x) + b3*exp(-b4*x)";
  expect(renaming("b3*exp(-b4*x) + b1*exp(-b2*x)", lanczos, "x", "x")).toBe("b3>b3 b4>b4 x>x b1>b1 b2>b2");
});

test("powers of products and of quotients are split", () => {
  expect(renaming("Nc^a/N^a", "(Nc/N)^alphaN", "N", "N")).toBe("Nc>Nc a>alphaN N>N");
  expect(renaming("(N/Nc)^-a", "(Nc/N)^alphaN", "N", "N")).toBe("N>N Nc>Nc a>alphaN");
});

test.each([
  ["another sign", "E - A/N^alpha + B/D^beta"],
  ["a factor", "E + 2*A/N^alpha + B/D^beta"],
  ["a shared exponent", "E + A/N^alpha + B/D^alpha"],
  ["one more term", "E + A/N^alpha + B/D^beta + C"],
  ["an input in both terms", "E + A/N^alpha + B/N^beta"],
  ["another function", "E + A/N^alpha + B*exp(-D*beta)"],
])("%s is another formula", (_, formula) => {
  expect(renaming(formula, chinchilla, "N D", "N D")).toBeNull();
});

test("what agrees only for positive parameters is another formula", () => {
  expect(renaming("sqrt(a^2)*x", "a*x", "x", "x")).toBeNull();
});

test("sums of many like terms are matched or given up in bounded time", () => {
  const sumOf = (prefix: string, n: number): string =>
    Array.from({ length: n }, (_, i) => `${prefix}${i}*exp(-${prefix}k${i}*x)`).join(" + ");
  expect(renaming(sumOf("a", 20), sumOf("b", 20), "x", "x")).not.toBeNull();
  const odd = sumOf("a", 12).replace("ak3", "ak4");
  expect(renaming(odd, sumOf("b", 12), "x", "x")).toBeNull();
  expect(renaming(sumOf("a", 300), sumOf("b", 300), "x", "x")).toBeNull();
});
