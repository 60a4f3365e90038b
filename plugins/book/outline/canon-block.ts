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
  const whole = answer.trim();
  // The block may have a fence of its own.
  const end = whole.replace(/\n?```$/u, '').trimEnd();
  const from = end.lastIndexOf(OPEN);
  if (from === -1 || !end.endsWith(CLOSE)) return { text: unfenced(whole), canon: undefined };
  const before = end.slice(0, from).trimEnd();
  const text = end === whole ? before : before.replace(/\n```\w*$/u, '');
  return { text: unfenced(text.trimEnd()), canon: canonIn(end.slice(from + OPEN.length, -CLOSE.length).trim()) };
}

/** A section that a model has put into a fence as a whole. */
function unfenced(text: string): string {
  const [, inside] = /^```(?:markdown|md)?\n([^]*?)(?:\n```)?$/u.exec(text) ?? [];
  return inside?.trim() ?? text;
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
    .replace(/<canon>\s*\{[^]*$/u, '')
    .replaceAll(/<\/?canon>/gu, '')
    .replaceAll(/\n{3,}/gu, '\n\n')
    .trim();
}

const SUMMARY_SENTENCES = 2;
/** Characters. */
const LONGEST_SUMMARY = 1_000;

/** The facts of a chapter that has not listed them: its first sentences. */
export function canonWithout(text: string): ChapterCanon {
  const prose = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .join(' ')
    .slice(0, LONGEST_SUMMARY);
  const sentences = prose.match(/[^.!?…]+[.!?…]+/gu) ?? [prose];
  return { summary: sentences.slice(0, SUMMARY_SENTENCES).join('').trim(), people: [], events: [] };
}
