import type { OutgoingHttpHeaders } from 'node:http';
import { GenerationError } from 'scriptorium';
import { chatFailure } from 'scriptorium/provider';
import type { ChatDialect, ChatFailure } from 'scriptorium/provider';
import { UNSTORED } from './answer-form.js';

/** A failure as an answer before the status line. */
export interface Refusal {
  readonly failure: ChatFailure;
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

/** Writes a failure as an answer. Clients need not retry where the gateway has tried already. @param now epoch milliseconds */
export function refusalOf(error: unknown, wording: { readonly dialect: ChatDialect; readonly now: number }): Refusal {
  const failure = chatFailure(error, wording);
  const { status, body, retryAfterS } = failure;
  const hasTried = GenerationError.is(error) && error.attempts.length > 0;
  return {
    failure,
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...UNSTORED,
      ...(retryAfterS !== undefined && { 'retry-after': String(retryAfterS) }),
      ...(hasTried && { 'x-should-retry': 'false' }),
    },
    body: JSON.stringify(body),
  };
}
