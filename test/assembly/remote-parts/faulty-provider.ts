import { Observable } from 'rxjs';
import { ApiError, GenerationError, RateLimitError } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { Clock, GenerationEvent, Plugin, Random } from 'scriptorium/plugin';

/** The text of every whole answer. */
export const WHOLE =
  'The Analytical Engine weaves algebraic patterns, just as the Jacquard loom weaves flowers and leaves.';
/** What an answer costs, in US dollars, whole or not. */
export const PRICE_USD = 0.001;

const usage = { inputTokens: 10, outputTokens: 20, costUsd: PRICE_USD, source: 'reported' } as const;

/** A provider within the process that refuses, breaks off, or asks to wait, one time in four. */
export function faultyProvider(clock: Clock, random: Random): Plugin {
  return definePlugin({
    name: 'faulty',
    apiVersion: 1,
    setup: (host) =>
      host.addProvider({
        id: 'faulty',
        defaultModel: 'a/model',
        capabilities: () => ({ prefill: 'exact' }),
        limitKeys: ({ labels }) => [{ key: `account-${labels.account ?? ''}`, limits: {} }],
        generate: ({ continuation, model }) =>
          new Observable((subscriber) => {
            const given = continuation === undefined ? '' : (continuation.text + continuation.anchor).trimEnd();
            return clock.setTimer(10, () => {
              const { events, error } = answer(WHOLE.slice(given.length), model, { clock, random });
              for (const event of events) subscriber.next(event);
              if (error === undefined) subscriber.complete();
              else subscriber.error(error);
            });
          }),
      }),
  });
}

interface Chance {
  readonly clock: Clock;
  readonly random: Random;
}

interface Answer {
  readonly events: readonly GenerationEvent[];
  readonly error?: GenerationError;
}

function answer(text: string, model: string, { clock, random }: Chance): Answer {
  const chance = random();
  if (chance < 0.1)
    return { events: [], error: new ApiError('server-error', 'Busy.', { status: 503, retryable: true }) };
  if (chance < 0.15) {
    const retryAt = clock.now() + 50;
    return { events: [], error: new RateLimitError('Slow down.', { retryAt, retryable: true, status: 429 }) };
  }
  const finishReason = { unified: 'stop', raw: 'stop' } as const;
  const end = {
    type: 'generation-end',
    finishReason,
    usage,
    servedFrom: 'provider',
    provider: 'faulty',
    model,
  } as const;
  if (chance >= 0.25) return { events: [{ type: 'text-delta', delta: text }, end] };
  const cut = 1 + Math.floor(random() * (text.length - 1));
  return {
    events: [
      { type: 'response-metadata', usage },
      { type: 'text-delta', delta: text.slice(0, cut) },
    ],
    error: new GenerationError('connection', 'Connection reset.', { retryable: true }),
  };
}
