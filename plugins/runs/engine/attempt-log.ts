import type { AttemptRecord, AttemptStart, ModelPrice, Usage } from 'scriptorium';
import { textIn } from 'scriptorium/provider';
import type { JournalAttempt, TextSource } from '../journal/item.js';
import type { ItemInput } from '../journal/run-spec.js';

/** The generation whose attempts are kept. */
export interface LoggedGeneration {
  readonly generation: string;
  readonly input: ItemInput;
  /** Characters of the text that it continues. */
  readonly given: number;
  readonly priceOf: (provider: string, model: string) => ModelPrice | undefined;
}

interface Started {
  readonly source: TextSource;
  readonly promptCharacters: number;
  readonly price: ModelPrice | undefined;
  characters: number;
  /** Of these, the characters that `running` has counted. */
  counted: number;
  /** The most characters that may arrive until they are counted again. */
  ahead: number;
  /** Whether `running` has returned it. */
  isKept: boolean;
}

/** Text of this length is journalled at once. Until the pace of an attempt is known, so much may be lost with its process. */
const MOST_AHEAD = 1_024;

/**
 * The attempts of one generation: while they run with an estimate, at its end with their records. An estimate takes four
 * characters for a token.
 */
export class AttemptLog {
  private readonly started: Started[] = [];
  private current: Started | undefined;
  /** Attempts that have ended since the last call of `running`, with text that it has not counted. */
  private passed: Started[] = [];
  private delivered = 0;
  private readonly inputCharacters: number;

  constructor(private readonly of: LoggedGeneration) {
    this.inputCharacters = charactersOf(of.input);
  }

  /** The attempt that writes now; number 0 for a text from a cache. */
  get source(): TextSource {
    const { generation, input } = this.of;
    return this.current?.source ?? { generation, attempt: 0, provider: input.provider ?? '', model: input.model ?? '' };
  }

  start({ attempt, provider, model }: AttemptStart): void {
    const { generation, given, priceOf } = this.of;
    const last = this.current;
    if (last !== undefined && (!last.isKept || last.characters > last.counted)) this.passed.push(last);
    this.current = {
      source: { generation, attempt, provider, model },
      promptCharacters: this.inputCharacters + given + this.delivered,
      price: priceOf(provider, model),
      characters: 0,
      counted: 0,
      ahead: MOST_AHEAD,
      isKept: false,
    };
    this.started.push(this.current);
  }

  /** Counts characters of the text. */
  take(characters: number): void {
    this.delivered += characters;
    if (this.current !== undefined) this.current.characters += characters;
  }

  /** Counts characters that are paid for and not part of the text. */
  takeReasoning(characters: number): void {
    if (this.current !== undefined) this.current.characters += characters;
  }

  /**
   * The attempt that writes now, as it is to be kept, after those that have ended since the last call; empty before the first
   * one. Its estimate includes what is likely to
   * arrive before the next call: if the process dies, this is all that is known of the attempt, and its cost is not too low.
   */
  running(): readonly JournalAttempt[] {
    const { current } = this;
    if (current === undefined) return this.cached();
    const { characters, counted } = current;
    const passed = this.passed.map((started) => estimated(started, 'running'));
    this.passed = [];
    current.isKept = true;
    if (characters === 0) return [...passed, estimated(current, 'running')];
    // The first text is counted at once, so that it does not show the pace.
    if (counted > 0 && characters > counted)
      current.ahead = Math.max(current.ahead === MOST_AHEAD ? 0 : current.ahead, characters - counted);
    current.counted = characters;
    return [...passed, estimated({ ...current, characters: characters + current.ahead }, 'running')];
  }

  /** All attempts at the generation's end. One without a record keeps its estimate. */
  ended(records: readonly AttemptRecord[]): readonly JournalAttempt[] {
    const { generation } = this.of;
    const known = new Set(records.map(({ attempt }) => attempt));
    return [
      ...this.cached(),
      ...records.map(({ attempt, provider, model, outcome, usage }) => ({
        generation,
        attempt,
        provider,
        model,
        outcome,
        usage,
      })),
      ...this.started
        .filter(({ source }) => !known.has(source.attempt))
        .map((started) => estimated(started, 'cancelled')),
    ];
  }

  private cached(): readonly JournalAttempt[] {
    if (this.delivered === 0 || this.started.length > 0) return [];
    return [{ ...this.source, outcome: 'success', usage: FREE }];
  }
}

/** Nothing was sent for a text from a cache. */
const FREE: Usage = { inputTokens: 0, outputTokens: 0, costUsd: 0, source: 'unmeasured' };

function estimated(started: Started, outcome: JournalAttempt['outcome']): JournalAttempt {
  const inputTokens = tokensOf(started.promptCharacters);
  const outputTokens = tokensOf(started.characters);
  const costUsd = dollarsOf(started.price, inputTokens, outputTokens);
  const usage: Usage = {
    inputTokens,
    outputTokens,
    ...(costUsd !== undefined && { estimatedCostUsd: costUsd }),
    source: 'estimated',
  };
  return { ...started.source, outcome, usage };
}

function tokensOf(characters: number): number {
  return Math.ceil(characters / 4);
}

function dollarsOf(price: ModelPrice | undefined, input: number, output: number): number | undefined {
  if (price === undefined) return undefined;
  const usd = input * Number(price.prompt) + output * Number(price.completion) + Number(price.request ?? 0);
  return Number.isFinite(usd) && usd >= 0 ? usd : undefined;
}

function charactersOf({ prompt = '', system = '', messages = [] }: ItemInput): number {
  return messages.reduce((sum, { content }) => sum + textIn(content).length, prompt.length + system.length);
}
