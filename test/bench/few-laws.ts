/** The program with the first three laws of the catalogue alone: what the others add to its start is the difference. */
import { programWithCatalogue } from "../support/other-catalogue.js";
import { ROOT } from "./data.js";

const LIST = /export const laws: readonly Law\[\] = \[[^\]]*\];/;

/** Builds it into a folder; gives the path of its program. */
export const programWithFewLaws = (place: string): Promise<string> =>
  programWithCatalogue(ROOT, place, withFewLaws);

function withFewLaws(index: string): string {
  if (!LIST.test(index)) throw new Error("the catalogue is no longer a list");
  return index.replace(LIST, "export const laws: readonly Law[] = [chinchilla, powerFloor, power];");
}
