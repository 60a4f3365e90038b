import { ApiError } from 'scriptorium';
import type { GenerationEvent, GenerationInput } from 'scriptorium';
import type { Run } from './scripted-world.js';

/** A break that another request may mend. */
export const BROKEN = new ApiError('server-error', 'The server broke down.', { retryable: true, status: 500 });

/** An input with this choice for a text that breaks off. */
export function onBreak(choice: 'resume' | 'restart' | 'fail'): Partial<GenerationInput> {
  return { overrides: { continuity: { onBreak: choice } } };
}

/** The events of these types. */
export function eventsOf({ events }: Run, ...types: readonly GenerationEvent['type'][]): readonly GenerationEvent[] {
  return events.map(({ event }) => event).filter(({ type }) => types.includes(type));
}
