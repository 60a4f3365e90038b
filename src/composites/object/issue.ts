const LONGEST = 200;

/** What is wrong with a value, in one line: its path, if it is not the whole, and why. Long ones are cut, since both may repeat what the model wrote. */
export function issueAt(path: readonly PropertyKey[], message: string): string {
  const place = path.reduce<string>((before, key) => before + step(key, before === ''), '');
  const line = `${place}${place === '' ? '' : ': '}${message}`.replaceAll(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

function step(key: PropertyKey, isFirst: boolean): string {
  if (typeof key === 'number' || /^\d+$/.test(String(key))) return `[${String(key)}]`;
  if (typeof key === 'string' && !/^[\w$-]+$/.test(key)) return `[${JSON.stringify(key)}]`;
  return `${isFirst ? '' : '.'}${String(key)}`;
}
