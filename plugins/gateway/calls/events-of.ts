import { setMaxListeners } from 'node:events';
import { GenerationError, RequestContext } from 'scriptorium';
import { MAY_RESTART } from 'scriptorium/plugin';
import type { GenerationEvent, GenerationInput, Pipeline } from 'scriptorium/plugin';
import type { AnswerOwners } from './answer-owners.js';
import type { Job } from './call.js';

/** A generation of its own for a job. */
export interface OwnGeneration extends Pick<Job, 'input' | 'client' | 'isStream'> {
  readonly pipeline: Pipeline;
  readonly owners: AnswerOwners;
  /** Ends it, beside the client's own signal. */
  readonly leaving: AbortSignal;
}

/**
 * The events of a generation. Cold. A streamed one never restarts, whatever the configuration says: its text is continued
 * instead, or fails. A whole one may always restart.
 */
export async function* eventsOf(job: OwnGeneration): AsyncGenerator<GenerationEvent, void, undefined> {
  const { pipeline, owners, client, leaving } = job;
  const stop = new AbortController();
  const unlisten = [leaving, client.signal].map((signal) => abortWith(signal, stop));
  let hasText = (job.input.continueFrom ?? '') !== '';
  try {
    for await (const event of pipeline.iterate({ ...inputOf(job), signal: stop.signal })) {
      if (event.type === 'text-delta') hasText = true;
      else if (event.type === 'response-metadata') noteOwner(owners, client.name, event.responseId);
      else if (event.type === 'restart' && job.isStream) {
        if (hasText) throw restarted();
        continue;
      }
      yield event;
    }
  } finally {
    for (const remove of unlisten) remove();
  }
}

function noteOwner(owners: AnswerOwners, name: string, responseId: string | undefined): void {
  if (responseId !== undefined) owners.note(name, responseId);
}

function inputOf({ input, isStream }: OwnGeneration): GenerationInput {
  const { context = RequestContext.empty } = input;
  return { ...input, context: context.with(MAY_RESTART, isStream ? 'never' : 'always') };
}

/** Only an interceptor can restart a streamed generation. */
function restarted(): GenerationError {
  return new GenerationError('internal', 'An interceptor has restarted a streamed answer, which cannot be taken back.');
}

/** Aborts together with a signal, until the returned function is called. */
function abortWith(signal: AbortSignal, stop: AbortController): () => void {
  const abort = (): void => stop.abort(signal.reason);
  if (signal.aborted) abort();
  else {
    // A client may have many generations.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', abort);
  }
  return () => signal.removeEventListener('abort', abort);
}
