/**
 * The program with one more law: built from the same sources but for `src/laws/index.ts`, which gets the two lines that a
 * new law needs there, its import and its name in the list.
 */
import { execa } from "execa";
import { expect } from "vitest";
import { cleanEnvironment, freshFolder, ROOT, type Run } from "./cli.js";
import { programWithCatalogue } from "./other-catalogue.js";

const LIST = "export const laws: readonly Law[] = [\n";

/** @param file the law's file, @param name what it exports */
function indexWith(index: string, file: string, name: string): string {
  expect(index, "the catalogue is a list").toContain(LIST);
  return `import { ${name} } from ${JSON.stringify(file)};\n${index.replace(LIST, `${LIST}  ${name},\n`)}`;
}

export type Program = (args: readonly string[], folder: string) => Promise<Run>;

/** Builds it; what it gives runs the program in a folder. */
export async function programWith(file: string, name: string): Promise<Program> {
  const place = freshFolder();
  const program = await programWithCatalogue(ROOT, place, (index) => indexWith(index, file, name));
  return async (args, folder) => {
    const { exitCode, stdout, stderr } = await execa(process.execPath, [program, ...args], {
      cwd: folder,
      env: cleanEnvironment(folder),
      extendEnv: false,
      input: "",
      reject: false,
      timeout: 50_000,
    });
    return { exitCode: exitCode ?? -1, stdout, stderr };
  };
}
