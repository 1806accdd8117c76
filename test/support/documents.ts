/**
 * The keys that other programs rely on (`contract.md`), one checker a document. Documents may hold more, never less.
 */
import { expect } from "vitest";

type Check = (value: unknown, path: string) => void;

const number: Check = (value, path) => {
  expect(typeof value, path).toBe("number");
  expect(Number.isFinite(value), `${path} is finite`).toBe(true);
};
const text: Check = (value, path) => expect(typeof value, path).toBe("string");
const flag: Check = (value, path) => expect(typeof value, path).toBe("boolean");
const anything: Check = (value, path) => expect(value, path).toBeDefined();
const nullable =
  (check: Check): Check =>
  (value, path) => {
    if (value !== null) check(value, path);
  };
const optional =
  (check: Check): Check =>
  (value, path) => {
    if (value !== undefined) check(value, path);
  };
const exactly =
  (wanted: unknown): Check =>
  (value, path) =>
    expect(value, path).toBe(wanted);
const list =
  (check: Check, least = 0): Check =>
  (value, path) => {
    expect(Array.isArray(value), `${path} is a list`).toBe(true);
    expect((value as unknown[]).length, `${path} has entries`).toBeGreaterThanOrEqual(least);
    (value as unknown[]).forEach((entry, i) => {
      check(entry, `${path}[${i}]`);
    });
  };
const entries =
  (check: Check): Check =>
  (value, path) => {
    expect(typeof value, path).toBe("object");
    for (const [name, entry] of Object.entries(value as object)) check(entry, `${path}.${name}`);
  };
const keys =
  (checks: Record<string, Check>): Check =>
  (value, path) => {
    expect(value !== null && typeof value === "object" && !Array.isArray(value), `${path} is an object`).toBe(
      true,
    );
    for (const [name, check] of Object.entries(checks))
      check((value as Record<string, unknown>)[name], `${path}.${name}`);
  };

/** Two limits, or none and the reason why. */
const interval: Check = (value, path) => {
  const { low, high, reason } = value as { low: unknown; high: unknown; reason?: unknown };
  if (low === null || high === null) {
    expect([low, high], `${path}: both limits are missing or none`).toEqual([null, null]);
    text(reason, `${path}.reason`);
    return;
  }
  number(low, `${path}.low`);
  number(high, `${path}.high`);
  expect(high as number, `${path}: low is not above high`).toBeGreaterThanOrEqual(low as number);
};

const estimate: Check = (value, path) => {
  keys({ estimate: number })(value, path);
  interval(value, path);
};

const warnings = list(keys({ code: text, message: text, group: optional(text) }));

/** How the largest rows came out, or why that was not tried. */
const backtest: Check = (value, path) => {
  const found = value as { m: unknown };
  if (found.m === null) return keys({ reason: text })(value, path);
  keys({
    m: number,
    standardError: nullable(number),
    heldOut: number,
    rest: number,
    along: list(text, 1),
    cut: number,
    largest: number,
    decades: number,
  })(value, path);
};

/** How a law was chosen: the chosen one first; who was compared has errors, who was not has a reason. */
const choice: Check = (value, path) => {
  const ranked = keys({
    law: text,
    formula: text,
    parameters: number,
    leaveOutError: nullable(number),
    extrapolationError: nullable(number),
    heldOut: nullable(number),
    aicc: nullable(number),
    bic: nullable(number),
    verdict: text,
  });
  keys({ asked: text, ranking: list(ranked, 1), reason: text })(value, path);
  const { ranking } = value as { ranking: { verdict: string; heldOut: number | null; reason?: string }[] };
  ranking.forEach(({ verdict, heldOut, reason }, i) => {
    expect(verdict === "chosen", `${path}: the chosen law is the first`).toBe(i === 0);
    expect(heldOut === null, `${path}.ranking[${i}]`).toBe(verdict === "not-compared");
    expect(typeof reason, `${path}.ranking[${i}].reason`).toBe(heldOut === null ? "string" : "undefined");
  });
};

const fittedLaw = keys({
  group: nullable(text),
  law: text,
  formula: text,
  parameters: entries((value, path) => {
    estimate(value, path);
    keys({ standardError: nullable(number) })(value, path);
  }),
  objective: keys({ name: text, delta: nullable(number), deltaRule: nullable(text), value: number }),
  status: text,
  search: entries(anything),
  metrics: keys({
    r2: nullable(number),
    r2Log: nullable(number),
    rmse: number,
    // Relative to a measured 0 there is no error.
    meanRelativeError: nullable(number),
    worstRelativeError: nullable(number),
    residualStandardDeviation: nullable(number),
    aicc: nullable(number),
    bic: nullable(number),
  }),
  data: keys({
    rows: number,
    used: number,
    dropped: list(keys({ file: text, code: text, reason: text, count: number, lines: list(number) })),
    range: entries(list(number, 2)),
  }),
  diagnosis: list(keys({ code: text, message: text })),
  backtest,
  choice: optional(choice),
});

/** rows = used + sum of the counts, and lines are the first 20 of as many as are counted. */
function everyRowIsCounted(
  fits: { data: { rows: number; used: number; dropped: { count: number; lines: number[] }[] } }[],
) {
  for (const { data } of fits) {
    expect(data.used + data.dropped.reduce((sum, { count }) => sum + count, 0), "rows = used + dropped").toBe(
      data.rows,
    );
    for (const { count, lines } of data.dropped) {
      expect(lines.length).toBeLessThanOrEqual(Math.min(count, 20));
      expect(lines).toEqual([...lines].sort((a, b) => a - b));
    }
  }
}

const MEMORY = ["draws", "covariance", "residuals", "leaveOneOut"];

export function isFitDocument(document: unknown): void {
  keys({ schema: exactly("scalefit/fit@1"), fits: list(fittedLaw, 1), warnings })(document, "fit");
  const { fits } = document as { fits: Parameters<typeof everyRowIsCounted>[0] };
  everyRowIsCounted(fits);
  for (const fit of fits)
    for (const name of MEMORY) expect(fit, "stdout never carries draws").not.toHaveProperty(name);
}

/** Names and as many numbers in every row as there are names. */
const matrix: Check = (value, path) => {
  keys({ parameters: list(text, 1), values: list(list(number)) })(value, path);
  const { parameters, values } = value as { parameters: string[]; values: number[][] };
  for (const row of values) expect(row.length, path).toBe(parameters.length);
};

export function isSavedFit(document: unknown): void {
  const remembered: Check = (value, path) => {
    fittedLaw(value, path);
    keys({ draws: matrix, covariance: nullable(matrix), residuals: list(number) })(value, path);
    expect((value as { residuals: number[] }).residuals.length).toBeLessThanOrEqual(1000);
  };
  const sha256: Check = (value, path) => expect(value, path).toMatch(/^[0-9a-f]{64}$/);
  const how = keys({
    version: text,
    options: entries(anything),
    seed: number,
    inputs: list(keys({ name: text, sha256 }), 1),
  });
  keys({ schema: exactly("scalefit/fit@1"), fits: list(remembered, 1), warnings, made: how })(
    document,
    "saved fit",
  );
  everyRowIsCounted((document as { fits: Parameters<typeof everyRowIsCounted>[0] }).fits);
}

export function isPlanDocument(document: unknown): void {
  const plan = keys({
    group: nullable(text),
    law: text,
    source: text,
    budget: keys({ flops: number }),
    optimum: keys({ N: estimate, D: estimate, loss: estimate, tokensPerParameter: estimate }),
    extrapolation: keys({ decades: nullable(number), shift: number, shiftScale: text }),
    assumptions: entries(anything),
    hyperparameters: optional(
      keys({
        law: text,
        source: text,
        at: entries(number),
        lr: nullable(estimate),
        batch: nullable(estimate),
        steps: nullable(estimate),
        batchUnit: exactly("tokens"),
        beyond: nullable(entries(number)),
        uncertainty: text,
        conventions: nullable(text),
        unknown: optional(list(text)),
      }),
    ),
  });
  keys({ schema: exactly("scalefit/plan@1"), plans: list(plan, 1), warnings })(document, "plan");
}

export function isPredictDocument(document: unknown): void {
  const prediction = keys({
    group: nullable(text),
    law: text,
    at: entries(number),
    value: estimate,
    newRun: interval,
    measured: optional(number),
  });
  const metrics = keys({
    r2: nullable(number),
    meanRelativeError: nullable(number),
    worstRelativeError: nullable(number),
    coverage: nullable(number),
  });
  keys({
    schema: exactly("scalefit/predict@1"),
    predictions: list(prediction, 1),
    metrics: optional(metrics),
    warnings,
  })(document, "predict");
}

export function isCheckDocument(document: unknown): void {
  const finding = keys({
    rule: text,
    severity: text,
    run: text,
    measured: number,
    expected: estimate,
    message: text,
  });
  keys({ schema: exactly("scalefit/check@1"), passed: flag, findings: list(finding, 1), warnings })(
    document,
    "check",
  );
}

/** Errors of hidden runs; null stands for what cannot be said. */
const hiddenErrors = {
  law: text,
  predictions: number,
  runs: number,
  mean: nullable(number),
  standardError: nullable(number),
  median: nullable(number),
  worst: nullable(number),
  bias: nullable(number),
  coverage: nullable(number),
};

export function isBacktestDocument(document: unknown): void {
  const counts = keys({ rows: number, runs: number });
  const cut = keys({
    scale: number,
    below: counts,
    above: counts,
    scaleUp: keys({ median: number, largest: number }),
    laws: list(keys(hiddenErrors)),
  });
  const group = keys({
    group: nullable(text),
    scale: text,
    measured: text,
    observed: text,
    rows: number,
    runs: number,
    range: list(number, 2),
    level: number,
    resamples: number,
    cuts: list(cut, 1),
    skipped: list(keys({ scale: number, law: optional(text), reason: text })),
    cutsLeftOut: number,
    byScaleUp: list(
      keys({ from: number, to: nullable(number), laws: list(keys(hiddenErrors), 1), best: nullable(text) }),
    ),
    byRuns: list(keys({ runs: nullable(number), fits: number, laws: list(keys(hiddenErrors), 1) })),
    target: nullable(keys({ scale: number, expected: list(keys({ law: text }), 1) })),
  });
  keys({ schema: exactly("scalefit/backtest@1"), backtests: list(group, 1), warnings })(document, "backtest");
}

export function isLawsDocument(document: unknown): void {
  const law = keys({
    id: text,
    title: text,
    topic: text,
    formula: text,
    inputs: list(keys({ name: text }), 1),
    // An estimator has none.
    parameters: list(keys({ name: text })),
    answers: list(keys({ kind: text, name: text, given: list(text), gives: list(text, 1), meaning: text })),
    presets: list(keys({ name: text })),
    source: text,
  });
  keys({ schema: exactly("scalefit/laws@1"), laws: list(law, 1), warnings })(document, "laws");
}

export function isErrorDocument(document: unknown): void {
  keys({
    error: keys({
      code: text,
      message: text,
      file: optional(text),
      line: optional(number),
      column: optional(text),
      hint: optional(text),
    }),
  })(document, "error");
  expect(Object.keys(document as object), "nothing but the error").toEqual(["error"]);
}

const range = nullable((value: unknown, path: string) => {
  list(number, 2)(value, path);
});

export function isInspectDocument(document: unknown): void {
  keys({
    schema: exactly("scalefit/inspect@1"),
    files: list(keys({ name: text, format: text, title: text, fileBytes: number, rows: number }), 1),
    rows: number,
    columns: list(keys({ name: text, filled: number, numbers: number, range, quantity: nullable(text) }), 1),
    quantities: list(
      keys({ quantity: text, title: text, column: nullable(text), factor: number, note: text, range }),
    ),
    runs: keys({
      count: number,
      points: number,
      observations: number,
      names: number,
      marks: entries(number),
      list: list(
        keys({
          run: text,
          file: text,
          line: number,
          rows: number,
          step: nullable(number),
          marks: list(text),
        }),
        1,
      ),
    }),
    laws: list(text),
    dropped: list(keys({ file: text, code: text, reason: text, count: number })),
    warnings,
  })(document, "inspect");
}
