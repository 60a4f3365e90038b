import type { Doubt } from './splice/splice.js';

/**
 * How a model is asked to continue.
 *
 * - `natural`: as it can do it.
 * - `instructed`: by instruction, even if it has native prefill.
 * - `longer`: by instruction, with a longer anchor.
 * - `hidden`: by instruction, with a longer anchor of which only the first words are shown.
 */
export type ContinuationAsk = 'natural' | 'instructed' | 'longer' | 'hidden';

/** Decides how a model is asked again when its answer was not joined. */
export class ContinuationAsks {
  /** Whether an answer was empty. Then a model that is asked by instruction has to bring exactly the missing words. */
  private wasEmpty = false;
  private ask: ContinuationAsk = 'natural';

  get current(): ContinuationAsk {
    return this.ask;
  }

  /** Chooses the next way to ask. Returns false if there is none left. */
  next(doubt: Doubt, wasPrefilled: boolean): boolean {
    const ask = this.after(doubt, wasPrefilled);
    this.wasEmpty ||= doubt === 'nothing';
    this.ask = ask ?? this.ask;
    return ask !== undefined;
  }

  private after(doubt: Doubt, wasPrefilled: boolean): ContinuationAsk | undefined {
    if (wasPrefilled) return 'instructed';
    if (doubt === 'differs' || this.wasEmpty) return undefined;
    if (doubt === 'nothing') return 'instructed';
    if (this.ask === 'hidden') return undefined;
    return doubt === 'repeats' && this.ask !== 'longer' ? 'longer' : 'hidden';
  }

  get isByInstruction(): boolean {
    return this.ask !== 'natural';
  }

  /** A native prefill was refused. */
  instruct(): void {
    this.ask = 'instructed';
  }

  /** An answer was joined. */
  joined(): void {
    this.wasEmpty = false;
    if (this.isByInstruction) this.ask = 'instructed';
  }

  /** The generation restarts. */
  reset(): void {
    [this.ask, this.wasEmpty] = ['natural', false];
  }
}
