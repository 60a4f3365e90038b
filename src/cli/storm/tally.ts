import { tokensOf } from '../../emulator/tokens.js';
import type { Verdict } from './judge.js';

/** The results of one side. */
export interface Tally {
  readonly verdicts: Readonly<Record<Verdict, number>>;
  readonly requests: number;
  /** The requests that met a fault. */
  readonly faultyRequests: number;
  /** Completion tokens that the server wrote. */
  readonly paidTokens: number;
  /** Those of them that repeat what had been written before. */
  readonly twiceTokens: number;
}

export const NO_RESULTS: Tally = {
  verdicts: { exact: 0, cut: 0, doubled: 0, failed: 0 },
  requests: 0,
  faultyRequests: 0,
  paidTokens: 0,
  twiceTokens: 0,
};

/** What a chapter has cost. */
export interface Expense {
  readonly expected: string;
  readonly saved: string | undefined;
  /** All requests for the chapter, with what the server wrote. */
  readonly requests: readonly { readonly text: string; readonly tokens: number; readonly isFaulty: boolean }[];
}

/** What a chapter adds to the tally, besides its verdict. */
export type Spent = Omit<Tally, 'verdicts'>;

/** Counts the tokens written for a chapter, and those beyond what its furthest point takes. */
export function spentOn({ expected, saved = '', requests }: Expense): Spent {
  const paidTokens = requests.reduce((sum, { tokens }) => sum + tokens, 0);
  const beginnings = [saved, ...requests.map(({ text }) => text)].filter((text) => expected.startsWith(text));
  const furthest = beginnings.reduce((longest, text) => (text.length > longest.length ? text : longest), '');
  return {
    requests: requests.length,
    faultyRequests: requests.filter(({ isFaulty }) => isFaulty).length,
    paidTokens,
    twiceTokens: Math.max(0, paidTokens - tokensOf(furthest).length),
  };
}

/** The tally with one chapter more. */
export function withChapter(tally: Tally, verdict: Verdict, spent: Spent): Tally {
  return {
    verdicts: { ...tally.verdicts, [verdict]: tally.verdicts[verdict] + 1 },
    requests: tally.requests + spent.requests,
    faultyRequests: tally.faultyRequests + spent.faultyRequests,
    paidTokens: tally.paidTokens + spent.paidTokens,
    twiceTokens: tally.twiceTokens + spent.twiceTokens,
  };
}

/** Whether every chapter is in the book, to the letter. */
export function isIdentical({ verdicts: { exact, cut, doubled, failed } }: Tally): boolean {
  return exact > 0 && cut + doubled + failed === 0;
}
