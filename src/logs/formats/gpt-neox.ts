/** GPT-NeoX: a Megatron log that puts the speed before the iteration and words the evaluations otherwise. */
import type { LogFormat } from "./format.js";
import { isMegatron, readMegatron } from "./megatron.js";

export const gptNeox: LogFormat = {
  id: "gpt-neox",
  title: "a GPT-NeoX log",
  matches: (head) =>
    isMegatron(head) &&
    /\bNeoXArgs\b|samples\/sec: [\d.]+ \| iteration|\blm_loss value: |\| lm_loss: /.test(head.text),
  read: (source) => readMegatron(source, "GPT-NeoX"),
};
