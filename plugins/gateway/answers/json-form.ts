import { randomUUID } from 'node:crypto';
import { Subject } from 'rxjs';
import { collect } from 'scriptorium';
import type { GenerationEvent, GenerationResult } from 'scriptorium/plugin';
import { chatAnswer } from 'scriptorium/provider';
import type { AnswerForm } from './answer-form.js';
import { UNSTORED } from './answer-form.js';

/** An answer as one JSON object. @param created epoch seconds */
export function jsonForm(created: number): AnswerForm {
  const events = new Subject<GenerationEvent>();
  let result: GenerationResult | undefined;
  let problem: Error | undefined;
  events.pipe(collect()).subscribe({
    next: (whole) => (result = whole),
    error: (error: Error) => (problem = error),
  });
  return {
    filler: ' ',
    head: () => ({ 'content-type': 'application/json; charset=utf-8', ...UNSTORED }),
    take: (event) => {
      events.next(event);
      if (problem !== undefined) throw problem;
      if (result === undefined) return '';
      const { responseId = `gen-${randomUUID()}`, model } = result;
      return JSON.stringify(chatAnswer(result, { id: responseId, created, model }));
    },
    failure: ({ body }) => JSON.stringify(body),
  };
}
