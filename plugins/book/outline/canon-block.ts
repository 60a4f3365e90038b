import { asText } from 'scriptorium/provider';
import { factsIn } from './facts.js';
import { objectIn } from './json.js';
import type { Canon } from './outline.js';

/** What a chapter leaves to those after it: a summary, and its facts. */
export interface ChapterCanon extends Canon {
  readonly summary: string;
}

/** An answer without its block of facts. */
export interface Unblocked {
  /** What people read. */
  readonly text: string;
  /** Undefined: the block is missing, or is not what was asked for. */
  readonly canon: ChapterCanon | undefined;
}

const OPEN = '<canon>';
const CLOSE = '</canon>';

/**
 * Takes the block of facts from the end of a chapter. Only the last block that stands there is one; all others, and tags that
 * stand alone, are a defect of the text.
 */
export function takeCanon(answer: string): Unblocked {
  const end = answer.trimEnd().replace(/\n?```$/u, '');
  const from = end.lastIndexOf(OPEN);
  if (from === -1 || !end.endsWith(CLOSE)) return { text: answer.trimEnd(), canon: undefined };
  const inside = end.slice(from + OPEN.length, -CLOSE.length).trim();
  const text = end
    .slice(0, from)
    .trimEnd()
    .replace(/\n```\w*$/u, '')
    .trimEnd();
  return { text, canon: canonIn(inside) };
}

function canonIn(inside: string): ChapterCanon | undefined {
  const value = objectIn(inside);
  const summary = asText(value?.summary)?.trim();
  return value === undefined || summary === undefined || summary === '' ? undefined : { summary, ...factsIn(value) };
}

/** All blocks and tags of facts, wherever they stand. */
export function withoutBlocks(text: string): string {
  return text
    .replaceAll(/\n*<canon>(?:(?!<\/?canon>)[^])*<\/canon>\n*/gu, '\n\n')
    .replaceAll(/<\/?canon>/gu, '')
    .replaceAll(/\n{3,}/gu, '\n\n')
    .trim();
}

const SUMMARY_SENTENCES = 2;

/** The facts of a chapter that has not listed them: its first sentences. */
export function canonWithout(text: string): ChapterCanon {
  const prose = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .join(' ');
  const sentences = prose.match(/[^.!?…]+[.!?…]+/gu) ?? [prose.slice(0, 300)];
  return { summary: sentences.slice(0, SUMMARY_SENTENCES).join('').trim(), people: [], events: [] };
}
