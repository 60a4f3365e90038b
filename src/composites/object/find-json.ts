import { isTooLarge } from '../../core/outside/json.js';

/** A parsed value, which may be `null`. */
export interface ParsedJson {
  readonly value: unknown;
}

/**
 * Finds the JSON value of a text: the whole text, or the content of its only Markdown fence with JSON. Does not repair
 * invalid JSON or choose among several fences. Drops the key `__proto__`. JSON nested deeper than 200 levels counts as invalid.
 */
export function findJson(text: string): ParsedJson | undefined {
  const whole = parsed(text.trim());
  if (whole !== undefined) return whole;
  const found = fencedBlocks(text)
    .map(parsed)
    .filter((json) => json !== undefined);
  return found.length === 1 ? found[0] : undefined;
}

const FENCE = '```';

/**
 * Returns the contents of fenced blocks. A fence at the end of a line closes the block, because a line of JSON never
 * ends in one.
 */
function fencedBlocks(text: string): readonly string[] {
  const blocks: string[] = [];
  let open: string[] | undefined;
  for (const line of text.split('\n').map((untrimmed) => untrimmed.trim())) {
    if (open === undefined && !line.startsWith(FENCE)) continue;
    const content = open === undefined ? line.replace(/^```+\w*/, '') : line;
    open ??= [];
    if (!content.endsWith(FENCE)) {
      open.push(content);
      continue;
    }
    blocks.push([...open, withoutFence(content)].join('\n'));
    open = undefined;
  }
  return blocks;
}

/** A regular expression would begin anew at each backtick of a long run. */
function withoutFence(line: string): string {
  let end = line.length;
  while (line.charAt(end - 1) === '`') end -= 1;
  return line.slice(0, end);
}

function parsed(text: string): ParsedJson | undefined {
  try {
    if (isTooLarge(text)) return undefined;
    return { value: JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value)) };
  } catch {
    return undefined;
  }
}
