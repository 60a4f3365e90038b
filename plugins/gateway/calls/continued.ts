import type { GenerationError } from 'scriptorium';
import { sumUsage } from 'scriptorium/plugin';
import type { AttemptRecord, GenerationEvent } from 'scriptorium/plugin';

/** A generation that has broken off, as the beginning of the one that continues it. */
export interface Broken {
  /** The text so far. */
  readonly text: string;
  /** The events so far, with exactly this text. */
  readonly events: readonly GenerationEvent[];
  /** An event of the continuation, as one of the whole: the splice is one like others, and usage is that of both. */
  append(event: GenerationEvent): GenerationEvent;
  /** A failure of the continuation, as one of the whole. */
  appendFailure(error: GenerationError): GenerationError;
}

/** The beginning of a generation that continues nothing. */
export const NO_BREAK: Broken = { text: '', events: [], append: (event) => event, appendFailure: (error) => error };

/** A broken generation, with all its attempts. */
export interface BrokenParts {
  readonly text: string;
  readonly attempts: readonly AttemptRecord[];
  readonly events: readonly GenerationEvent[];
}

/** Makes a generation that broke off the beginning of another one. */
export function afterBreak({ text, attempts: before, events }: BrokenParts): Broken {
  return {
    text,
    events: standingEvents(events, text),
    append: (event) => {
      if (event.type === 'continuation' && event.reason === 'given') return { ...event, reason: 'interrupted' };
      if (event.type !== 'generation-end') return event;
      const usage = sumUsage([...before.map((attempt) => attempt.usage), event.usage]);
      return { ...event, attempts: [...before, ...(event.attempts ?? [])], usage };
    },
    appendFailure: (error) => error.withDetails({ attempts: [...before, ...error.attempts] }),
  };
}

/** The events that no restart has voided. A record may have lost some; then the text alone stands for them. */
function standingEvents(events: readonly GenerationEvent[], text: string): readonly GenerationEvent[] {
  const from = events.findLastIndex(({ type }) => type === 'restart') + 1;
  const standing = events.slice(from);
  const written = standing.map((event) => (event.type === 'text-delta' ? event.delta : '')).join('');
  return written === text ? standing : [{ type: 'text-delta', delta: text }];
}
