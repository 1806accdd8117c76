/** What `trainer_state.json` gives; keys as in huggingface/transformers, src/transformers/trainer_callback.py. */
import { expect, test } from "vitest";
import { InputError } from "../../src/errors.js";
import { readLogs } from "../../src/logs/read.js";
import { describeWithShared, sharedFile } from "../support/shared.js";
import { errorOf, readText, rowsOf } from "./support.js";

const state = (history: unknown, more: object = {}) =>
  JSON.stringify(
    { best_metric: null, global_step: 200, is_world_process_zero: true, log_history: history, ...more },
    null,
    2,
  );

test("training, evaluation and end at one step are one row; the same step later is another", async () => {
  const history = [
    { epoch: 0.5, learning_rate: 0.1, loss: 4.2, step: 100 },
    { epoch: 0.5, eval_loss: 4.3, step: 100 },
    { epoch: 1, learning_rate: 0.05, loss: 3.9, step: 200 },
    { epoch: 0.5, learning_rate: 0.1, loss: 4.1, step: 100 },
    { epoch: 1.0001, eval_loss: 4.0, step: 200 },
    { epoch: 1, step: 200, train_loss: 4.05, total_flos: 7e15, train_runtime: 12 },
  ];
  const { table, warnings, sources } = await readText(state(history, { max_steps: 200, total_flos: 8e15 }));
  expect(sources[0]!.format).toBe("trainer-state");
  expect(
    rowsOf(table, ["step", "train/loss", "eval_loss", "train/loss_mean", "total_flos", "max_steps"]),
  ).toEqual([
    ["100", "4.2", "4.3", "", "", "200"],
    ["200", "3.9", "", "", "", "200"],
    ["100", "4.1", "", "", "", "200"],
    ["200", "", "4", "4.05", "7000000000000000", "200"],
  ]);
  expect(table.source(2).line).toBeGreaterThan(table.source(1).line);
  expect(warnings.map(({ code }) => code)).toEqual(["entries-joined", "tokens-not-counted"]);
});

test("tokens and compute of the whole training are those of its last row", async () => {
  const history = [
    { loss: 4, step: 1 },
    { loss: 3, step: 2 },
  ];
  const { table } = await readText(
    state(history, { num_input_tokens_seen: 512, total_flos: 9e12, trial_params: { a: 1 } }),
  );
  expect(rowsOf(table, ["num_input_tokens_seen", "total_flos", "run"])).toEqual([
    ["", "", "-"],
    ["512", "9000000000000", "-"],
  ]);
});

test("a key that stands twice in an entry is refused with its line", async () => {
  const error = await errorOf(
    readText('{"global_step": 1,\n"log_history": [\n{"step": 1, "loss": 2, "loss": 3}\n]}'),
  );
  expect(error).toMatchObject({ place: { line: 3 } });
});

describeWithShared("trainer states", () => {
  test("the real one: 216 entries, the losses of its six evaluations", async () => {
    const { table, warnings } = await readLogs([sharedFile("data", "logs", "hf_trainer_state.json")]);
    expect(warnings.map(({ message }) => message).join("\n")).toContain(
      "216 entries of log_history are 31 rows",
    );
    const names = [0, 1, 2, 3, 4, 5].map((i) => `eval_g${i}_loss`);
    const rows = rowsOf(table, ["step", ...names]);
    expect(rows[0]!.slice(0, 2)).toEqual(["0", "5.741583347320557"]);
    expect(rows.at(-1)).toEqual([
      "12030",
      "2.7486727237701416",
      "4.1004319190979",
      "4.4023661613464355",
      "4.682476043701172",
      "4.523464202880859",
      "4.835134983062744",
    ]);
  });

  test.each([
    ["cut", /not JSON.*line|line 48/],
    ["no-history", /"log_history" is missing/],
    ["history-object", /"log_history" is not a list/],
    ["history-empty", /"log_history" is empty: nothing was logged/],
  ])("the broken state %s is refused", async (name, says) => {
    const error = await errorOf(
      readLogs([sharedFile("bad-inputs", "trainer-state", name, "trainer_state.json")]),
    );
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(says);
    expect((error as InputError).place.line).toBeGreaterThan(0);
  });

  test.each([
    ["clean", "train/loss", "3.5974"],
    ["bare-nan", "train/loss", "NaN"],
    ["string-steps", "train/loss", "3.5974"],
    ["eval-only", "eval_loss", "3.5974"],
  ])("the state %s is read", async (name, loss, last) => {
    const { table } = await readLogs([sharedFile("bad-inputs", "trainer-state", name, "trainer_state.json")]);
    expect(table.rows).toBe(10);
    const rows = rowsOf(table, ["step", loss, "num_input_tokens_seen", "total_flos"]);
    expect(rows.find(([step]) => step === "1000")!.slice(0, 2)).toEqual(["1000", last]);
    expect(rows.at(-1)!.slice(2)).toEqual(["1000000000", "420000000000000000"]);
  });
});
