/** The deepest folder that all of these absolute folders are in or are, without a slash at its end; empty for the root. */
export function sharedFolder(folders: readonly string[]): string {
  const parts = folders.map((folder) => folder.split("/"));
  const [first = []] = parts;
  let depth = 0;
  while (depth < first.length && parts.every((path) => path[depth] === first[depth])) depth++;
  return first.slice(0, depth).join("/");
}
