import type { AccountInfo, GenerationInfo, ModelInfo } from '../catalogue.js';
import { PRICE_KEYS } from '../price.js';
import type { ModelPrice, PriceOverride, Prices } from '../price.js';
import { isAccountDollars, isCount, isDuration, isPrice, isTime } from './numbers.js';
import { soundUsage } from './sound-usage.js';
import type { Reject } from './wrong-numbers.js';

type Checks<T> = { readonly [Field in keyof T]?: (value: unknown) => boolean };

/** Overspent credit is below 0. */
const isBalance = (value: unknown): boolean => typeof value === 'number' && isAccountDollars(Math.abs(value));

const ACCOUNT: Checks<AccountInfo> = {
  limitUsd: isAccountDollars,
  remainingUsd: isBalance,
  usageUsd: isAccountDollars,
  usageDailyUsd: isAccountDollars,
  usageWeeklyUsd: isAccountDollars,
  usageMonthlyUsd: isAccountDollars,
  dailyRequests: isQuota,
  rateLimit: (value) => isCount((value as { readonly requests?: unknown } | null)?.requests),
};
const GENERATION: Checks<GenerationInfo> = { latencyMs: isDuration, generationMs: isDuration };
const MODEL: Checks<ModelInfo> = { contextLength: isCount, maxOutputTokens: isCount, asOf: isTime };
const CONDITIONS: Checks<PriceOverride> = { minPromptTokens: isCount };
const PRICES: Checks<Prices> = Object.fromEntries(PRICE_KEYS.map((key) => [key, isPrice]));

/** Returns what a provider reports of its key, without the numbers that cannot be true. */
export function soundAccount(info: AccountInfo, reject: Reject): AccountInfo {
  return sound(info, ACCOUNT, reject);
}

/** Returns the record of an answer, without the numbers that cannot be true. */
export function soundGeneration(info: GenerationInfo, reject: Reject): GenerationInfo {
  const { usage, ...rest } = sound(info, GENERATION, reject);
  return usage === undefined ? rest : { ...rest, usage: soundUsage(usage, reject) };
}

/** Returns a model without the numbers and prices that cannot be true. */
export function soundModel(info: ModelInfo): ModelInfo {
  const model = sound(info, MODEL);
  const price = model.price && soundPrice(model.price);
  if (price === model.price) return model;
  const { price: _, isFree, ...rest } = model;
  return { ...rest, ...(price && { price, ...(isFree !== undefined && { isFree }) }) };
}

/** Whether a value is a vendor's count of the requests of a day. */
export function isQuota(value: unknown): value is { readonly used: number; readonly limit: number } {
  const { used, limit, remaining = 0 } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return isCount(used) && isCount(limit) && isCount(remaining);
}

/** Without the price of text there is none. An override whose condition cannot be true never holds. */
function soundPrice(price: ModelPrice): ModelPrice | undefined {
  if (!isPrice(price.prompt) || !isPrice(price.completion)) return undefined;
  const known = sound<ModelPrice>(price, PRICES);
  const { overrides } = known;
  if (overrides === undefined) return known;
  const held = overrides
    .filter((override) => sound(override, CONDITIONS) === override)
    .map((override) => sound<PriceOverride>(override, PRICES));
  return held.every((override, index) => override === overrides[index]) && held.length === overrides.length
    ? known
    : { ...known, overrides: held };
}

/** Returns the same object if all is sound. */
function sound<T extends object>(info: T, checks: Checks<T>, reject?: Reject): T {
  const wrong = new Set<string>();
  for (const field in checks) {
    const value: unknown = info[field];
    // Stryker disable next-line OptionalChaining: the field is one of the checks
    if (value === undefined || checks[field]?.(value) === true) continue;
    wrong.add(field);
    reject?.(field, value);
  }
  if (wrong.size === 0) return info;
  return Object.fromEntries(Object.entries(info).filter(([field]) => !wrong.has(field))) as T;
}
