/** Laws of tasks on real tables: recorded optima of another program, and the authors' own procedures. */
import { expect, test } from "vitest";
import { lawCalled } from "../support/core.js";
import { type Row, sharedCsv } from "../support/csv.js";
import { estimatesOf, fitGiven } from "../support/rows.js";
import { describeWithShared } from "../support/shared.js";

const column = (rows: readonly Row[], name: string) => rows.map((row) => Number(row[name]));

describeWithShared("error from loss on overtraining_gadre", () => {
  const lossError = lawCalled("loss-error");
  const fitOf = (rows: readonly Row[]) =>
    fitGiven(
      lossError,
      { inputs: { L: column(rows, "loss_c4_val") }, measured: column(rows, "err_avg17") },
      { objective: "squares" },
    );
  const of = (dataset: string) =>
    sharedCsv("overtraining_gadre.csv").filter((row) => row.dataset === dataset);

  // The data set's page: sums of squares to ten digits, coefficients to four.
  test.each([
    ["c4_original", 0.003904601321, { k: 2.3144, gamma: 0.7975, eps: 0.8486 }],
    ["rpj", 0.003007353255, { k: 2.2865, gamma: 0.7224, eps: 0.8598 }],
    ["rw_original", 0.003182203471, { k: 2.4742, gamma: 0.7645, eps: 0.8519 }],
  ])("all rows of %s reach the recorded sum of squares", (dataset, recorded, parameters) => {
    const fit = fitOf(of(dataset));
    expect(2 * fit.objective.value).toBeLessThan(recorded + 1e-9);
    expect(2 * fit.objective.value).toBeGreaterThan(recorded - 1e-9);
    const found = estimatesOf(fit);
    for (const [name, value] of Object.entries(parameters)) expect(found[name]).toBeCloseTo(value, 3);
  });

  /** The authors' five small runs and the one of 1.4B parameters. */
  const six = (dataset: string) =>
    of(dataset).filter(
      ({ params, cc_mult }) =>
        (Number(cc_mult) === 1 && SIX.includes(sizeOf(params))) ||
        (Number(cc_mult) === 16 && sizeOf(params) === 11),
    );
  const SIX = [11, 79, 154, 412, 1440];
  const sizeOf = (params: string) => Math.round(Number(params) / 1e6);

  // The same page: the authors' code on the same six runs.
  test.each([
    ["c4_original", { k: 2.07890659, gamma: 0.75612076, eps: 0.84974203 }],
    ["rpj", { k: 2.20648963, gamma: 0.71459046, eps: 0.85699194 }],
    ["rw_original", { k: 2.21481449, gamma: 0.70704843, eps: 0.86527955 }],
  ])("the authors' six runs of %s give their coefficients", (dataset, parameters) => {
    const rows = six(dataset);
    expect(rows).toHaveLength(6);
    const found = estimatesOf(fitOf(rows));
    // Theirs stop at a tolerance of 1e-8 of a sum of squares that is flat in k and gamma.
    for (const [name, value] of Object.entries(parameters))
      expect(Math.abs(found[name] / value - 1), name).toBeLessThan(1e-5);
  });
});

describeWithShared("OLMo's ladder, step 2, with the point of loss 0 and accuracy 1 added", () => {
  const rows = () =>
    sharedCsv("olmo_ladder_tasks.csv").filter(
      (row) => row.chinchilla_mult !== "0.5xC" && row.rerun === "False",
    );

  // SciPy's trust-region least squares within the authors' bounds, the best of 200 starts: half the sum of squares.
  test.each([
    ["hellaswag", 1.0839468016441078e-4],
    ["arc_challenge", 8.570449890518244e-4],
    ["arc_easy", 5.259845855166467e-4],
    ["piqa", 1.8428771863766304e-4],
    ["csqa", 1.9548069196714006e-3],
    ["socialiqa", 3.180478005948985e-4],
    ["openbookqa", 8.136470755932922e-4],
  ])("%s reaches the least squares of 200 starts of SciPy", (task, cost) => {
    const fit = fitGiven(
      lawCalled("loss-sigmoid"),
      {
        inputs: { bpb: [...column(rows(), `${task}_bpb`), 0] },
        measured: [...column(rows(), `${task}_acc`), 1],
      },
      { objective: "squares" },
    );
    expect(fit.objective.value).toBeLessThan(cost + 1e-9);
    expect(fit.objective.value).toBeGreaterThan(cost - 1e-9);
    // The added point pushes the ceiling to its bound.
    expect(fit.parameters.b.estimate).toBeCloseTo(1, 9);
    expect(fit.status).toBe("at-bound");
  });
});

describeWithShared("Pythia's accuracies as counts of right answers against compute", () => {
  const rows = () => sharedCsv("pythia_downstream.csv").filter((row) => Number(row.step) >= 1000);

  // SciPy's simplex and BFGS on the same likelihood, the best of 60 starts: half the deviance.
  test.each([
    ["acc_lambada_openai", 5153, 9327.478001457452],
    ["acc_arc_easy", 2376, 751.5662072093647],
    ["acc_piqa", 1838, 161.9619770733483],
  ])("%s reaches the likelihood of SciPy, and is not binomial", (name, items, half) => {
    const models = rows();
    expect(models).toHaveLength(176);
    const fit = fitGiven(
      lawCalled("logistic-logc"),
      {
        inputs: { C: models.map((row) => 6 * Number(row.params) * Number(row.tokens)) },
        measured: column(models, name),
        weight: models.map(() => items),
      },
      { objective: "binomial" },
    );
    expect(fit.objective.value).toBeLessThan(half * (1 + 1e-9));
    expect(fit.objective.value).toBeGreaterThan(half * (1 - 1e-6));
    // Sizes trained for other lengths lie off one curve of compute, by far more than 176 - 4 rows of counts would.
    expect(fit.objective.dispersion).toBeGreaterThan(1.5);
    expect(fit.diagnosis.map(({ code }) => code)).toContain("overdispersion");
  });
});
