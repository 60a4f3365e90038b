import { NEVER } from 'rxjs';
import type { Observable } from 'rxjs';
import { tokens } from 'scriptorium';
import type { ConfigInput, GenerationEvent, Stat } from 'scriptorium';
import type { ProcessOptions } from '../../src/testing/simulation/process.js';

type Register = NonNullable<ProcessOptions['register']>;

/** A moment of a generation at which it is left. */
export interface Moment {
  /** Replaces a part by one that hangs there. */
  readonly register?: Register;
  readonly config?: ConfigInput;
  /** Milliseconds after the start; the provider's steps come every ten. */
  readonly afterMs?: number;
  /** Leaves in answer to an event. */
  readonly at?: (event: GenerationEvent) => boolean;
  /** Leaves while a stat is recorded. */
  readonly whileRecording?: (stat: Stat) => boolean;
  /** What the provider does after its first text, or before it. */
  readonly provider?: 'hangs' | 'hangs-after-text' | 'fails';
  /** The text that had been delivered by then. */
  readonly text: string;
  /** The end had been recorded, so that it comes too late to leave. */
  readonly isOver?: boolean;
}

const hangs = (): Promise<never> => new Promise(() => undefined);
const acquire = (): Observable<never> => NEVER;
const replaced =
  (token: (typeof tokens)[keyof typeof tokens], useValue: unknown): Register =>
  (container) =>
    void container.register<unknown>(token, { useValue });

/** Every state of a generation, and every part that it can wait for. The text is `One. Two.`, a piece every ten milliseconds. */
export const MOMENTS: Readonly<Record<string, Moment>> = {
  'before it begins': { afterMs: -1, text: '' },
  'while the cache does not answer': {
    register: replaced(tokens.CACHE_STORE, { get: hangs, set: hangs }),
    config: { cache: { enabled: true } },
    afterMs: 15,
    text: '',
  },
  'while the quota of the day is read': {
    register: replaced(tokens.DAY_QUOTAS, { today: hangs }),
    config: { rateLimit: { requestsPerDay: 'account' } },
    afterMs: 15,
    text: '',
  },
  'while the breaker does not answer': {
    register: replaced(tokens.BREAKERS, { acquire, isOpen: () => false }),
    afterMs: 15,
    text: '',
  },
  'while the limits do not answer': {
    register: replaced(tokens.LIMIT_STORE, { take: hangs, pause: () => undefined }),
    afterMs: 15,
    text: '',
  },
  'while no slot is free': { register: replaced(tokens.SLOTS, { acquire }), afterMs: 15, text: '' },
  'while the budget does not answer': {
    register: replaced(tokens.SPENDING, { reserve: hangs }),
    config: { budget: { processTokens: 100_000 } },
    afterMs: 15,
    text: '',
  },
  'while the provider is silent': { provider: 'hangs', afterMs: 15, text: '' },
  'in a backoff': { provider: 'fails', config: { retry: { baseMs: 1_000, jitter: 'none' } }, afterMs: 15, text: '' },
  'while the retry budget does not answer': {
    provider: 'fails',
    register: replaced(tokens.RETRY_BUDGETS, { acquire }),
    config: { retry: { baseMs: 1, jitter: 'none' } },
    afterMs: 15,
    text: '',
  },
  'in answer to the start of an attempt': {
    // So that it does not begin before its reader could leave.
    register: replaced(tokens.DAY_QUOTAS, { today: () => Promise.resolve(undefined) }),
    config: { rateLimit: { requestsPerDay: 'account' } },
    at: ({ type }) => type === 'attempt-start',
    text: '',
  },
  'in the middle of the text': { provider: 'hangs-after-text', afterMs: 15, text: 'One. ' },
  'in answer to a text': { at: ({ type }) => type === 'text-delta', text: 'One. ' },
  'while the attempt is recorded': { whileRecording: ({ type }) => type === 'attempt-end', text: 'One. Two.' },
  'while the generation is recorded': {
    whileRecording: ({ type }) => type === 'generation-end',
    text: 'One. Two.',
    isOver: true,
  },
  'in answer to the end': { at: ({ type }) => type === 'generation-end', text: 'One. Two.', isOver: true },
  'after its end': { afterMs: 50, text: 'One. Two.', isOver: true },
};
