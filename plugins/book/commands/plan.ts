import type { AccountInfo, ModelInfo, Pipeline } from 'scriptorium';
import { shown } from 'scriptorium/plugin';
import type { Shown } from 'scriptorium/plugin';
import { counted, dollars, table, whole } from 'scriptorium/plugins/runs/progress';
import type { BookSpec } from '../spec/book-spec.js';
import { sectionsOf } from '../spec/sections.js';

/** Tokens of a word of prose, in the languages of books; the dearest of them. */
const TOKENS_PER_WORD = 2;
/** Of rules, outline and facts, which every request carries. */
const PREFIX_TOKENS = 800;
/** Of a chapter in the outline, and of one that was told. */
const CHAPTER_TOKENS = 160;

/** What a book will take. Tokens are estimated. */
export interface BookPlan {
  /** Without repairs. */
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The requests and tokens of a book without defects. */
export function planOf(spec: BookSpec): BookPlan {
  const asked = sectionsOf(spec).filter(({ kind }) => kind !== 'sources');
  const outline = spec.outline === undefined ? 1 : 0;
  const judged = spec.models.judge === undefined ? 0 : asked.length;
  const words = asked.reduce((sum, { targetWords }) => sum + targetWords, 0);
  const told = asked.reduce((sum, { number }) => sum + (number === undefined ? spec.chapters : number - 1), 0);
  return {
    requests: asked.length + outline + judged,
    inputTokens: (asked.length + judged) * (PREFIX_TOKENS + spec.chapters * CHAPTER_TOKENS) + told * CHAPTER_TOKENS,
    outputTokens: words * TOKENS_PER_WORD + spec.chapters * CHAPTER_TOKENS * (1 + outline),
  };
}

/** The plan for people: its sections, requests and tokens, the days that it takes, and its price. */
export async function planLines(spec: BookSpec, pipeline: Pipeline): Promise<readonly Shown[]> {
  const plan = planOf(spec);
  const model = spec.models.chapter ?? pipeline.check({ prompt: 'Which model?' }).input.model;
  const [account, models] = await Promise.all([
    pipeline.key().catch(() => undefined),
    pipeline.models().catch((): readonly ModelInfo[] => []),
  ]);
  const known = models.find(({ id }) => id === model);
  const rows = sectionsOf(spec).map(({ id, targetWords }) => ({ id, words: whole(targetWords) }));
  return [
    ...table(rows, [
      { head: 'section', cell: ({ id }) => id },
      { head: 'words', isNumber: true, cell: ({ words }) => words },
    ]),
    shown``,
    shown`${counted(plan.requests, 'request')}; a section with defects is written again, twice at the most`,
    shown`About ${whole(plan.inputTokens)} tokens in and ${whole(plan.outputTokens)} out, model ${model}`,
    daysLine(plan, account, known),
    priceLine(plan, known),
  ];
}

function daysLine({ requests }: BookPlan, account: AccountInfo | undefined, model: ModelInfo | undefined): Shown {
  const quota = account?.dailyRequests;
  if (quota === undefined || model?.isFree === false) return shown`No daily limit of requests is known`;
  const later = Math.max(0, requests - quota.remaining);
  const days = 1 + Math.ceil(later / Math.max(1, quota.limit));
  return shown`${counted(days, 'day')} at ${whole(quota.limit)} requests a day, ${whole(quota.remaining)} of them left today`;
}

function priceLine({ inputTokens, outputTokens }: BookPlan, model: ModelInfo | undefined): Shown {
  if (model?.isFree === true) return shown`The model is free`;
  const price = model?.price;
  if (price === undefined) return shown`The price of the model is not known`;
  const usd = inputTokens * Number(price.prompt) + outputTokens * Number(price.completion);
  return shown`About ${dollars(usd)}`;
}
