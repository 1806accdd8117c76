/** Stands in for `node:tty` in the quick program: that module loads the network's. The standard streams know as much. */
export const isatty = (descriptor: number): boolean =>
  Boolean((descriptor === 1 ? process.stdout : process.stderr).isTTY);

export default { isatty };
