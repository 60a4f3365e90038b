import { parseObject } from 'scriptorium/provider';
import type { Json } from 'scriptorium/provider';

/** The JSON object of an answer: the whole text, or the content of its only Markdown fence. Undefined: there is none. */
export function objectIn(text: string): Json | undefined {
  const whole = parseObject(text);
  if (whole !== undefined) return whole;
  const fenced = [...text.matchAll(/^```\w*\n([^]*?)\n```\s*$/gmu)].map(([, content = '']) => parseObject(content));
  return fenced.length === 1 ? fenced[0] : undefined;
}
