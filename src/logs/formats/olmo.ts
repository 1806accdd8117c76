/** OLMo's console: `[step=10/100,epoch=0]` and below it indented lines `train/CrossEntropyLoss=11.25`. */
import type { LogFormat } from "./format.js";
import { isLines, type LineReader, readStepLog, type StepRows, withoutThousands } from "./step-log.js";

const STEP = /\[step=(\d+)(?:\/(\d+|None))?(?:,\s?epoch=(\d+))?[^\]]{0,120}\]/;
const MEASURE = /^\s+([^\s=][^=]{0,119})=(\S.{0,39})$/;
const PARAMS = /\b(Total number of parameters|Number of non-embedding parameters): ([\d,]+)/;
/** Names and values of measures: code of a traceback, which is indented too, is not taken for one. */
const NAME = /^[\w./ -]+(?:\([^()]*\))?$/;
const VALUE = /^(?:[+-]?(?:\d[\d,]*\.?\d*(?:e[+-]?\d+)?|nan|inf)|\d+[dhms](?: \d+[hms])*)$/i;

export const olmo: LogFormat = {
  id: "olmo",
  title: "an OLMo log",
  matches: (head) =>
    isLines(head) && /\[step=\d+[^\]\n]{0,200}\][^\n]{0,80}\n\s{1,8}[^\s=][^=\n]{0,119}=\S/.test(head.text),
  read: (source) => readStepLog(source, { of: "OLMo", step: "step" }, (rows) => new OlmoReader(rows)),
};

class OlmoReader implements LineReader {
  readonly #rows: StepRows;
  #step: { step: string; planned: string; epoch: string } | null = null;

  constructor(rows: StepRows) {
    this.#rows = rows;
  }

  line(text: string, number: number): boolean {
    const step = STEP.exec(text);
    if (step !== null) {
      const planned = step[2] === undefined || step[2] === "None" ? "" : step[2];
      this.#step = { step: step[1]!, planned, epoch: step[3] ?? "" };
      return true;
    }
    const params = PARAMS.exec(text);
    if (params !== null) {
      const name = params[1]!.startsWith("Total") ? "parameters" : "non-embedding parameters";
      this.#rows.setting(name, withoutThousands(params[2]!));
      return true;
    }
    const measure = this.#step === null ? null : MEASURE.exec(text);
    if (this.#step === null || measure === null) return false;
    const [, name, value] = measure;
    if (!NAME.test(name!) || !VALUE.test(value!)) return false;
    this.#rows.add(this.#step.step, number, [
      [name!, withoutThousands(value!)],
      ["total_steps", this.#step.planned],
      ["epoch", this.#step.epoch],
    ]);
    return true;
  }
}
