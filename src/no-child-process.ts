/** Stands in for `node:child_process` in the quick program, which starts none: the command line library would load it. */
export function spawn(): never {
  throw new Error("the quick program starts no other");
}
