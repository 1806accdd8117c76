import chalk from "chalk";

/** A paragraph broken at blanks to the width, with a hanging indent. */
export function wrap(text: string, width: number, indent = 2): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width - indent) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  return `${lines.map((part) => " ".repeat(indent) + part).join("\n")}\n`;
}

/** A line of a report: a dim label of fixed width, then the facts, wrapped under themselves. */
export function labelled(label: string, facts: string, width: number): string {
  const room = 12;
  const body = wrap(facts, width, 2 + room).slice(2 + room);
  return `  ${chalk.dim(label.padEnd(room))}${body}`;
}

export const heading = (text: string): string => chalk.bold(text);

/** A name in bold and what it stands for: on one line, or below it where that is too long. */
export function titled(name: string, text: string, width: number): string {
  const isShort = Array.from(`${name}  ${text}`).length <= width;
  return isShort ? `${heading(name)}  ${text}\n` : `${heading(name)}\n${wrap(text, width, 4)}`;
}
