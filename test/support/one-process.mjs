/**
 * Runs many command lines of the built program in one process: a line of JSON in (the arguments), a line of JSON out (exit
 * code, what was written). For tests of many small commands, of which starting the program would be the most part.
 */
import { createInterface } from "node:readline";

const { main } = await import(process.argv[2]);
process.setMaxListeners(0);
process.stdout.setMaxListeners(0);
process.stderr.setMaxListeners(0);
const answer = process.stdout.write.bind(process.stdout);

/** Collects what goes to a stream, and tells its writer that it is written. */
function collect(stream) {
  const parts = [];
  stream.write = (chunk, encoding, done) => {
    parts.push(String(chunk));
    const called = typeof encoding === "function" ? encoding : done;
    called?.();
    return true;
  };
  return parts;
}

for await (const line of createInterface({ input: process.stdin })) {
  const [stdout, stderr] = [collect(process.stdout), collect(process.stderr)];
  const exitCode = await main(JSON.parse(line));
  answer(`${JSON.stringify({ exitCode, stdout: stdout.join(""), stderr: stderr.join("") })}\n`);
}
