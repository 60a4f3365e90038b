import { endOf, shown } from './answers.js';
import { failureOf, jsonReply } from './failures.js';
import { must } from '../must.js';
import type { ProviderScene } from './scene.js';
import { GOOD, GOOD_TEXT, streamed } from './told.js';

const HALF = 'Begin\ud83d here.';
const OTHER_HALF = 'Be\udc0b brief.';

/** Half a surrogate pair stands for no character, and most servers refuse its escape. */
export async function sendsWholeCharacters({ server, dialect, request, watch }: ProviderScene): Promise<void> {
  server.answerWith(streamed(dialect, GOOD));
  const asked = request({
    messages: [
      { role: 'system', content: OTHER_HALF },
      { role: 'user', content: [{ type: 'text', text: HALF }] },
    ],
    tools: [{ name: 'look_up', description: HALF, parameters: { type: 'object', description: OTHER_HALF } }],
    stop: [HALF],
  });
  endOf(await watch(asked));
  const body = server.requests.at(-1) ?? '';
  must(body.includes('Begin'), 'The prompt is not in the request as text, so nothing can be said of its characters.');
  must(
    !/\\u(d83d|dc0b)/i.test(body),
    'Half a surrogate pair went out as an escape, which most servers refuse; send U+FFFD in its place (httpProvider does).',
  );
}

/** Gateways send events as any type, or as none. */
export async function readsEventsOfAnyType({ server, dialect, watch }: ProviderScene): Promise<void> {
  if (dialect.contentType !== undefined) return;
  const { body = '' } = streamed(dialect, GOOD);
  for (const type of ['text/plain; charset=utf-8', 'application/json', undefined]) {
    server.answerWith({ body, headers: type === undefined ? {} : { 'content-type': type } });
    const course = await watch();
    const named = type === undefined ? 'without a content type' : `as ${type}`;
    must(
      course.failure === undefined,
      `Events that came ${named} are not read: ${course.failure?.message ?? ''} The content type is a hint only.`,
    );
    must(course.text === GOOD_TEXT, `Events that came ${named} give ${shown(course.text)}.`);
  }
}

/** A proxy that loses the rest of a body closes it normally. */
export async function noticesCutBodies({ server, dialect, request, watch }: ProviderScene): Promise<void> {
  const body = dialect.json?.(GOOD);
  if (body === undefined) return;
  server.answerWith(jsonReply(body.slice(0, body.length - 2), 200));
  const { code, retryable } = failureOf(
    await watch(request({ wire: 'json' })),
    'A JSON answer that breaks off has been passed off as a whole one',
  );
  must(retryable, `A JSON answer that breaks off fails with ${code}, not to be tried again.`);
}
