import type { Histogram, Meter } from '@opentelemetry/api';

/** The client metrics of the conventions for generative AI. Durations are in seconds. */
export interface Instruments {
  readonly operationDuration: Histogram;
  readonly timeToFirstChunk: Histogram;
  readonly timePerOutputChunk: Histogram;
  readonly tokenUsage: Histogram;
}

/** Buckets as the conventions advise: from 10 ms on, doubling; and powers of 4. */
const SECONDS = Array.from({ length: 14 }, (_, power) => 2 ** power / 100);
const TOKENS = Array.from({ length: 14 }, (_, power) => 4 ** power);

export function instruments(meter: Meter): Instruments {
  const seconds = (name: string, description: string): Histogram =>
    meter.createHistogram(`gen_ai.client.operation.${name}`, {
      unit: 's',
      description,
      advice: { explicitBucketBoundaries: SECONDS },
    });
  return {
    operationDuration: seconds('duration', 'Duration of a generation, its queues, attempts and backoffs included.'),
    timeToFirstChunk: seconds(
      'time_to_first_chunk',
      'From the start of a streamed generation to the first piece of its answer.',
    ),
    timePerOutputChunk: seconds('time_per_output_chunk', 'Between one piece of a streamed answer and the next.'),
    tokenUsage: meter.createHistogram('gen_ai.client.token.usage', {
      unit: '{token}',
      description: 'Tokens of an attempt, as its vendor reported them.',
      advice: { explicitBucketBoundaries: TOKENS },
    }),
  };
}
