import { inspect } from 'node:util';
import type { ErrorCode } from '../../core/errors/codes.js';
import type { GenerationError } from '../../core/errors/generation-error.js';
import { endOf, shown } from './answers.js';
import { GOOD, GOOD_TEXT, streamed } from './told.js';
import { must } from '../must.js';
import { KEY } from './scene.js';
import type { ProviderRun, ProviderScene } from './scene.js';
import type { Reply } from './wire-server.js';

/** Without what the vendor ends a whole answer with, it is a failure that may be tried again; with it a success. */
export async function knowsTheEnd({ server, dialect, watch }: ProviderScene): Promise<void> {
  server.answerWith(streamed(dialect, GOOD, { isCut: true }));
  const cut = await watch();
  const failure = failureOf(cut, 'A stream that was cut short has been passed off as a whole answer');
  must(
    cut.text === GOOD_TEXT,
    `Of a stream that was cut short ${shown(cut.text)} was handed over instead of all that had come, ${shown(GOOD_TEXT)}.`,
  );
  must(
    failure.retryable,
    `A stream that was cut short fails with ${failure.code}, not to be tried again; the next attempt may well succeed.`,
  );
  server.answerWith(streamed(dialect, GOOD));
  endOf(await watch());
}

/** A connection that breaks before the end is a failure that may be tried again. */
export async function failsWithTheConnection({ server, dialect, watch }: ProviderScene): Promise<void> {
  server.answerWith({ ...streamed(dialect, GOOD, { isCut: true }), ending: 'cut' });
  const failure = failureOf(await watch(), 'An answer whose connection broke has been passed off as a whole one');
  must(failure.retryable, `A broken connection is reported as ${failure.code}, not to be tried again.`);
}

/** An answer without a word is no success. */
export async function refusesNothing({ server, dialect, watch }: ProviderScene): Promise<void> {
  server.answerWith(streamed(dialect, { ...GOOD, texts: [] }));
  failureOf(await watch(), 'An answer without a word has been passed off as a success');
}

/** The codes of failing statuses, unless the dialect says otherwise. */
const STATUSES: Readonly<Record<number, { readonly code: ErrorCode; readonly retryable: boolean }>> = {
  400: { code: 'bad-request', retryable: false },
  401: { code: 'authentication', retryable: false },
  403: { code: 'permission', retryable: false },
  404: { code: 'not-found', retryable: false },
  429: { code: 'rate-limit', retryable: true },
  500: { code: 'server-error', retryable: true },
  503: { code: 'overloaded', retryable: true },
};

/** Each failing status has its code, and says whether to try again. */
export async function classifiesStatuses({ server, dialect, watch }: ProviderScene): Promise<void> {
  for (const [status, expected] of Object.entries({ ...STATUSES, ...dialect.statuses })) {
    server.answerWith(jsonReply(dialect.errorBody(Number(status), 'No luck today.'), Number(status)));
    const failure = failureOf(await watch(), `An answer with status ${status} has been passed off as a success`);
    const { code, retryable } = failure;
    must(
      code === expected.code && retryable === expected.retryable,
      `A ${status} is ${told({ code, retryable })} instead of ${told(expected)}.`,
    );
    must(failure.status === Number(status), `The error of a ${status} has the status ${shown(failure.status)}.`);
    must(
      failure.message.includes('No luck today.'),
      `The error of a ${status} keeps the vendor's reason to itself: ${shown(failure.message)}`,
    );
  }
}

/** The wait that a server asks for in `Retry-After` is in the error. */
export async function tellsWhenToTryAgain({
  server,
  dialect,
  watch,
  connection: { clock },
}: ProviderScene): Promise<void> {
  const reply = jsonReply(dialect.errorBody(429, 'slowly'), 429);
  server.answerWith({ ...reply, headers: { ...reply.headers, 'retry-after': '30' } });
  const earliest = clock.now() + 30_000;
  const { retryAt } = failureOf(await watch(), 'A 429 has been passed off as a success');
  const isHeeded = retryAt !== undefined && retryAt >= earliest && retryAt <= clock.now() + 30_000;
  must(
    isHeeded,
    `The error of a 429 with "retry-after: 30" has the retryAt ${shown(retryAt)} instead of the time 30 seconds after the answer.`,
  );
}

/** A failure is one request: to try again is the pipeline's. */
export async function retriesNothing({ server, dialect, watch }: ProviderScene): Promise<void> {
  const replies: readonly [string, Reply][] = [
    ['a 503', jsonReply(dialect.errorBody(503, 'busy'), 503)],
    ['a 429', jsonReply(dialect.errorBody(429, 'slowly'), 429)],
    ['a broken connection', { ...streamed(dialect, { ...GOOD, texts: [] }, { isCut: true }), ending: 'cut' }],
  ];
  for (const [what, reply] of replies) {
    const before = server.requests.length;
    server.answerWith(reply);
    failureOf(await watch(), `${what} has been passed off as a success`);
    const sent = server.requests.length - before;
    must(sent === 1, `After ${what} the provider has sent ${sent} requests instead of 1: retries are the pipeline's.`);
  }
}

/** An error inside a stream whose status was good, before the first word and after it. */
export async function heedsErrorsInStreams({ server, dialect, watch }: ProviderScene): Promise<void> {
  for (const texts of [[], GOOD.texts]) {
    server.answerWith(
      streamed(dialect, { ...GOOD, texts }, { isCut: true, then: dialect.streamError('No luck today.') }),
    );
    const course = await watch();
    const { message, retryable } = failureOf(course, 'An error inside a good stream has been passed over');
    must(
      message.includes('No luck today.'),
      `The vendor's reason is missing from the error of a failed stream: ${shown(message)}`,
    );
    must(retryable, 'An overloaded vendor inside a stream is reported as not to be tried again.');
    must(
      course.text === texts.join(''),
      `Before the error ${shown(texts.join(''))} had come, and ${shown(course.text)} was handed over.`,
    );
  }
}

/** Whatever fails, the key is in no field, message, stack or cause of its error. */
export async function keepsTheKey({ server, dialect, watch }: ProviderScene): Promise<void> {
  const replies: readonly Reply[] = [
    ...[401, 404, 429, 500].map((status) => jsonReply(dialect.errorBody(status, 'no'), status)),
    jsonReply('<html>proxy</html>', 502),
    { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
    streamed(dialect, GOOD, { isCut: true }),
    { ...streamed(dialect, GOOD, { isCut: true }), ending: 'cut' },
    { headers: { 'content-type': 'text/event-stream' }, body: 'data: {"\n\n' },
  ];
  for (const reply of replies) {
    server.answerWith(reply);
    const failure = failureOf(
      await watch(),
      `An answer with status ${reply.status ?? 200} that is none has been passed off as a success`,
    );
    const all = [
      inspect(failure, { depth: 12, showHidden: true }),
      JSON.stringify(failure),
      failure.stack ?? '',
    ].join();
    must(!all.includes(KEY), `The key is in the error of a ${reply.status ?? 200}: ${failure.code}.`);
  }
}

/** A body that is JSON, or a page. */
export function jsonReply(body: string, status: number): Reply {
  return { status, headers: { 'content-type': body.startsWith('<') ? 'text/html' : 'application/json' }, body };
}

/** The failure of an answer that had to fail. */
export function failureOf({ failure }: ProviderRun, complaint: string): GenerationError {
  must(failure !== undefined, `${complaint}.`);
  return failure;
}

function told({ code, retryable }: { readonly code: string; readonly retryable: boolean }): string {
  return `"${code}", ${retryable ? '' : 'not '}to be tried again,`;
}
