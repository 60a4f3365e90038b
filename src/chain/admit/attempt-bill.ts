import type { AttemptRecord } from '../../core/attempt.js';
import type { LateUsage, Reservation, SpendingUse } from '../../core/ports.js';
import type { Usage } from '../../core/usage.js';
import type { WorstCase } from './worst-case.js';

/** An attempt that has ended: the facts that its record lacks. */
export interface EndedAttempt {
  readonly worst: WorstCase;
  /** The HTTP status of the answer, if there was one. */
  readonly status: number | undefined;
  /** Characters of text, thoughts and tool arguments that arrived. */
  readonly characters: number;
  /** The vendor has sent token counts that cannot be true. */
  readonly hasRejectedCounts: boolean;
}

/** A gateway answers with these when it has given up waiting: the server may have gone on. */
const GAVE_UP: ReadonlySet<number> = new Set([408, 504, 520, 522, 524]);

/**
 * An attempt counts as it was billed. Without a bill it counts as its worst case, unless it was refused or never sent. A
 * whole answer of a vendor that counts nothing has as many tokens as it has characters at most, unless it may have thoughts
 * that are not shown.
 */
export function useOf(record: AttemptRecord, ended: EndedAttempt): SpendingUse {
  const { worst, status, characters, hasRejectedCounts } = ended;
  const { usage, outcome, sent } = record;
  if (isBilled(usage)) return billed(usage, worst);
  if (!sent || (characters === 0 && wasRefused(status ?? record.status))) return { tokens: 0, usd: usage.costUsd ?? 0 };
  const { outputTokens: most = usage.outputTokens } = worst;
  // The vendor may have counted more than the worst case before it broke off.
  const prompt = worst.promptTokens === Infinity ? usage.inputTokens : Math.max(worst.promptTokens, usage.inputTokens);
  // No tokenizer makes more tokens than characters of a usual text.
  const isTextAll = outcome === 'success' && !hasRejectedCounts && !worst.mayReason;
  const output = Math.max(isTextAll ? Math.min(characters, most) : most, usage.outputTokens);
  return inDollars(prompt + output, usage.costUsd ?? worst.costOf(prompt, output));
}

/** The amounts of a usage that the vendor has reported. */
export function billed({ inputTokens, outputTokens, costUsd, estimatedCostUsd }: Usage, worst: WorstCase): SpendingUse {
  const usd = costUsd ?? (worst.isFree ? 0 : (estimatedCostUsd ?? worst.costOf(inputTokens, outputTokens)));
  return inDollars(inputTokens + outputTokens, usd);
}

function inDollars(tokens: number, usd: number | undefined): SpendingUse {
  return usd === undefined ? { tokens, usd: 0, isCostUnknown: true } : { tokens, usd };
}

/** Whether a usage says what the vendor has counted. */
export function isBilled({ source }: Usage): boolean {
  return source === 'reported';
}

/** An error in place of an answer costs nothing. */
export function wasRefused(status = 0): boolean {
  return status >= 400 && !GAVE_UP.has(status);
}

/** A reservation to settle, and the source of later figures. */
export interface Settling {
  readonly reservation: Reservation;
  readonly generationId: string;
  readonly lateUsage: LateUsage | undefined;
  /** Takes each usage that the vendor reports. */
  readonly learn: (usage: Usage) => void;
}

/**
 * Settles a reservation by the attempts that were made under it. It stays reserved until the vendor has named the usage of
 * those that broke off, if it is asked.
 */
export function settle(
  { reservation, generationId, lateUsage, learn }: Settling,
  records: readonly AttemptRecord[],
  ended: EndedAttempt,
): void {
  const uses = records.map((record) => useOf(record, ended));
  let open = 1;
  const oneDone = (): void => {
    open -= 1;
    if (open === 0) reservation.settle(uses.reduce(sum, NOTHING));
  };
  records.forEach(({ attempt, usage }, index) => {
    if (isBilled(usage)) {
      learn(usage);
      return;
    }
    const isAsked = lateUsage?.whenKnown({ generationId, attempt }, (late) => {
      if (late !== undefined && isBilled(late)) {
        uses[index] = billed(late, ended.worst);
        learn(late);
      } else if (late?.costUsd !== undefined) uses[index] = { tokens: uses[index]?.tokens ?? 0, usd: late.costUsd };
      oneDone();
    });
    if (isAsked === true) open += 1;
  });
  oneDone();
}

const NOTHING: SpendingUse = { tokens: 0, usd: 0 };

function sum(a: SpendingUse, b: SpendingUse): SpendingUse {
  const isCostUnknown = a.isCostUnknown === true || b.isCostUnknown === true;
  return { tokens: a.tokens + b.tokens, usd: a.usd + b.usd, ...(isCostUnknown && { isCostUnknown }) };
}
