import { InputError } from "../../errors.js";

/** @throws InputError  when the line is a marker that an unfinished merge left in the file */
export function refuseConflict(text: string, line: number, file: string): void {
  if (!/^(<<<<<<<|>>>>>>>|=======)( |$)/.test(text)) return;
  throw new InputError({
    code: "merge-conflict",
    message: `line ${line} is a merge conflict marker`,
    why: "the file holds two versions of the same rows",
    hint: "settle the conflict (git status names the files) and try again",
    file,
    line,
    cell: text.slice(0, 40),
  });
}
