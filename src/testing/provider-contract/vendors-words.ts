import { endOf, shown } from './answers.js';
import { failureOf, jsonReply } from './failures.js';
import { must } from '../must.js';
import type { ProviderScene } from './scene.js';
import { CALLING, GOOD, GOOD_TEXT, streamed } from './told.js';

/** A reason to end that no vendor has today. */
const NEW_REASON = 'a_reason_of_tomorrow';

/** Every reason has one of the known names, beside the vendor's own word; an unknown one does not spoil a whole answer. */
export async function readsEveryReason({ server, dialect, watch }: ProviderScene): Promise<void> {
  const { ended, finishReasons = {} } = dialect;
  if (ended === undefined) return;
  for (const [word, expected] of Object.entries({ ...finishReasons, [NEW_REASON]: 'other' })) {
    const { headers = {}, body = '' } = streamed(dialect, GOOD, { isCut: true });
    server.answerWith({ headers, body: body + ended(word).join('') });
    const course = await watch();
    must(
      course.failure === undefined,
      `A whole answer that ended with the reason "${word}" has failed: ${course.failure?.message ?? ''}`,
    );
    const { finishReason } = endOf(course);
    must(
      finishReason.unified === expected && finishReason.raw === word,
      `The finish reason of an answer that ended with "${word}" is ${shown(finishReason)} instead of { unified: '${expected}', raw: '${word}' }.`,
    );
    must(course.text === GOOD_TEXT, `An answer that ended with "${word}" has lost its text: ${shown(course.text)}.`);
  }
}

/** Arguments that are left out are an empty object; an answer that promises calls has some. */
export async function mendsToolCalls({ server, dialect, watch }: ProviderScene): Promise<void> {
  server.answerWith(streamed(dialect, { ...CALLING, toolCalls: [{ id: 'call_1', name: 'look_up', arguments: [''] }] }));
  const { events } = await watch();
  const calls = events.flatMap((event) => (event.type === 'tool-call' ? [event.arguments] : []));
  must(
    calls.length === 1 && calls[0] === '{}',
    `The arguments of one tool call without arguments are ${shown(calls)} instead of [ '{}' ].`,
  );
  server.answerWith(streamed(dialect, { ...CALLING, texts: GOOD.texts, toolCalls: [] }));
  const end = (await watch()).events.at(-1);
  must(
    end?.type !== 'generation-end' || end.finishReason.unified !== 'tool-calls',
    'An answer that promises tool calls and has none has been passed off as a whole one.',
  );
}

/** The words of a refusal may name a wait where no header does. */
export async function readsWaitsInWords({
  server,
  dialect,
  watch,
  connection: { clock },
}: ProviderScene): Promise<void> {
  server.answerWith(jsonReply(dialect.errorBody(429, 'Slowly. Please try again in 30s.'), 429));
  const earliest = clock.now() + 30_000;
  const { retryAt } = failureOf(await watch(), 'A 429 has been passed off as a success');
  must(
    retryAt !== undefined && retryAt >= earliest && retryAt <= clock.now() + 30_000,
    `The error of a 429 that says "try again in 30s" has the retryAt ${shown(retryAt)} instead of the time 30 seconds after the answer: read it with waitInBody().`,
  );
}

/** A body that tells of an error is one, whatever its status. */
export async function heedsErrorsWithGoodStatus({ server, dialect, watch }: ProviderScene): Promise<void> {
  server.answerWith(jsonReply(dialect.errorBody(503, 'No luck today.'), 200));
  const { message } = failureOf(await watch(), 'The body of an error with status 200 has been passed off as an answer');
  must(
    message.includes('No luck today.'),
    `The error of a body with status 200 keeps the vendor's reason to itself: ${shown(message)}`,
  );
}

/** A server that passes on another vendor's error says who failed, not why: the reason is further in. */
export async function showsTheUpstreamsReason({ server, dialect, watch }: ProviderScene): Promise<void> {
  if (dialect.upstreamError === undefined) return;
  server.answerWith(jsonReply(dialect.upstreamError('No luck upstream.'), 502));
  const { message } = failureOf(await watch(), 'An answer with status 502 has been passed off as a success');
  must(
    message.includes('No luck upstream.'),
    `The reason of the vendor behind the server is missing from the error: ${shown(message)}`,
  );
}
