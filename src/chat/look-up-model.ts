/** Whether a name matches a pattern, in which `*` stands for any text. */
export function fitsPattern(name: string, pattern: string): boolean {
  const [start = '', ...others] = pattern.split('*');
  const end = others.pop();
  if (end === undefined) return name === start;
  if (!name.startsWith(start)) return false;
  let at = start.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return name.length - end.length >= at && name.endsWith(end);
}

/**
 * Returns what a table says of a model: by its exact name first, then by the first matching pattern. A variant (`:free`)
 * behaves like its model. Undefined if the table does not have it.
 */
export function lookUpModel<T>(table: Readonly<Record<string, T>>, model: string): T | undefined {
  const [plain = model] = model.split(':', 1);
  const names = [model, plain];
  const exact = names.find((name) => Object.hasOwn(table, name));
  if (exact !== undefined) return table[exact];
  return Object.entries(table).find(
    ([pattern]) => pattern.includes('*') && names.some((name) => fitsPattern(name, pattern)),
  )?.[1];
}
