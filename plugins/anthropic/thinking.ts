import { asObject } from 'scriptorium/provider';
import type { GenerationRequest, Json, Reasoning } from 'scriptorium/provider';
import { ADAPTIVE_THINKING, claudeVersion, OWN_SAMPLING } from './claude.js';
import { refused } from './refuse.js';

/** Whether the model is asked to think, by the request or by the vendor's own option, which wins. */
export function isThinking({ reasoning, providerOptions }: GenerationRequest, providerId: string): boolean {
  const own = asObject(providerOptions[providerId]?.thinking);
  return own === undefined ? reasoning !== undefined && reasoning.effort !== 'none' : own.type !== 'disabled';
}

/** `thinking`, and the effort, which stands elsewhere in the body. */
export interface Thinking {
  readonly thinking?: Json;
  readonly effort?: string;
  readonly leftOut: readonly string[];
}

/** Nothing of it is said. */
export const NO_THINKING: Thinking = { leftOut: [] };

/** The least budget that the API takes. */
const LEAST_BUDGET = 1024;
/** What part of the token cap each effort is, for models that take a budget. */
const SHARES: Readonly<Record<Exclude<NonNullable<Reasoning['effort']>, 'none'>, number>> = {
  minimal: 0.1,
  low: 0.2,
  medium: 0.5,
  high: 0.8,
  xhigh: 0.9,
  max: 0.95,
};

/**
 * Models up to 4.5, and those of other vendors, are given a budget in tokens, which counts towards the cap; later ones an
 * effort. Claude 4.6 takes both, so a budget that is named is kept. Thoughts are asked for in words unless they are excluded.
 * @throws GenerationError `bad-request` where the token cap has no room for a budget
 */
export function thinkingOf({ model, reasoning }: GenerationRequest, cap: number): Thinking {
  if (reasoning === undefined) return NO_THINKING;
  const { effort, maxTokens: budget, exclude = false } = reasoning;
  if (effort === 'none') return { thinking: { type: 'disabled' }, leftOut: [] };
  const version = claudeVersion(model) ?? 0;
  const isAdaptive = version >= ADAPTIVE_THINKING && (budget === undefined || version >= OWN_SAMPLING);
  if (!isAdaptive)
    return {
      thinking: {
        type: 'enabled',
        budget_tokens: budget ?? shareOf(effort, cap),
        ...(exclude && { display: 'omitted' }),
      },
      leftOut: [],
    };
  return {
    thinking: { type: 'adaptive', display: exclude ? 'omitted' : 'summarized' },
    ...(effort !== undefined && { effort: levelOf(effort, version) }),
    leftOut: budget === undefined ? [] : ['reasoning.maxTokens (the model takes an effort and no budget)'],
  };
}

function shareOf(effort: keyof typeof SHARES = 'medium', cap: number): number {
  if (cap <= LEAST_BUDGET)
    throw refused(
      `maxTokens is ${cap}, but a model that thinks needs more than ${LEAST_BUDGET}: its thoughts count towards it.`,
    );
  return Math.min(Math.max(Math.floor(cap * SHARES[effort]), LEAST_BUDGET), cap - 1);
}

/** The API has no `minimal`, and 4.6 no `xhigh`: the nearest that is not dearer. */
function levelOf(effort: keyof typeof SHARES, version: number): string {
  if (effort === 'minimal') return 'low';
  return effort === 'xhigh' && version < OWN_SAMPLING ? 'high' : effort;
}
