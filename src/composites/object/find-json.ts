/** A value that was there; it may be `null`. */
export interface ParsedJson {
  readonly value: unknown;
}

/**
 * The JSON value that a text is, or that alone stands in a Markdown fence of it. What is only nearly JSON, or stands in one
 * of several fences, is not guessed at. A key `__proto__` is left out.
 */
export function findJson(text: string): ParsedJson | undefined {
  const whole = parsed(text.trim());
  if (whole !== undefined) return whole;
  const found = guarded(text)
    .map(parsed)
    .filter((json) => json !== undefined);
  return found.length === 1 ? found[0] : undefined;
}

const FENCE = '```';

/** What stands between fences. A line of JSON never ends in one: a text that does would still have to be closed. */
function guarded(text: string): readonly string[] {
  const blocks: string[] = [];
  let open: string[] | undefined;
  for (const line of text.split('\n').map((untrimmed) => untrimmed.trim())) {
    if (open === undefined && !line.startsWith(FENCE)) continue;
    const said = open === undefined ? line.replace(/^```+\w*/, '') : line;
    open ??= [];
    if (!said.endsWith(FENCE)) {
      open.push(said);
      continue;
    }
    blocks.push([...open, said.replace(/`+$/, '')].join('\n'));
    open = undefined;
  }
  return blocks;
}

function parsed(text: string): ParsedJson | undefined {
  try {
    return { value: JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value)) };
  } catch {
    return undefined;
  }
}
