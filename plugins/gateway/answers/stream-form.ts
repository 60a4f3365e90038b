import { randomUUID } from 'node:crypto';
import type { GenerationEvent } from 'scriptorium/plugin';
import { ChatChunks } from 'scriptorium/provider';
import type { ChatChunksOptions } from 'scriptorium/provider';
import type { AnswerForm } from './answer-form.js';
import { UNSTORED } from './answer-form.js';

/** An answer as server-sent events. Its id and model are those of the attempt that begins it. */
export function streamForm(options: Omit<ChatChunksOptions, 'id'>): AnswerForm {
  let head: ChatChunksOptions = { ...options, id: '' };
  let chunks: ChatChunks | undefined;
  let hasBegun = false;
  const begun = (): ChatChunks => {
    if (head.id === '') head = { ...head, id: `gen-${randomUUID()}` };
    return (chunks ??= new ChatChunks(head));
  };
  /** Whether no chunk comes of an event. */
  const note = (event: GenerationEvent): boolean => {
    // Nothing of an earlier attempt has been sent, nor will be.
    if (event.type === 'attempt-start') [head, chunks] = [{ ...options, id: '', model: event.model }, undefined];
    else if (event.type !== 'response-metadata') return chunks === undefined && PROGRESS.has(event.type);
    else if (chunks === undefined) {
      const { responseId = head.id, answeredBy = head.model } = event;
      head = { ...head, id: responseId, model: answeredBy };
    }
    return true;
  };
  return {
    filler: ': keep-alive\n\n',
    head: () => ({
      'content-type': 'text/event-stream; charset=utf-8',
      ...UNSTORED,
      ...(chunks && { 'x-generation-id': head.id }),
    }),
    take: (event) => {
      if (!hasBegun && note(event)) return '';
      const text = begun().of(event);
      hasBegun ||= text !== '';
      return text;
    },
    failure: (failure) => begun().failure(failure),
  };
}

/** Events that no chunk comes of. */
const PROGRESS: ReadonlySet<GenerationEvent['type']> = new Set([
  ...(['retry-scheduled', 'waiting', 'warning', 'route-chosen', 'custom', 'continuation'] as const),
]);
