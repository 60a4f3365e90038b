import { inspect, isDeepStrictEqual } from 'node:util';
import type { GenerationEnd } from '../../core/events.js';
import { GOOD, GOOD_TEXT, CALLING, streamed } from './told.js';
import { must } from '../must.js';
import { watchEvents } from './scene.js';
import type { ProviderRun, ProviderScene } from './scene.js';

/** Nothing is sent before the subscription; each subscription is a request of its own. */
export async function asksOncePerSubscription({
  provider,
  server,
  dialect,
  request,
  connection,
}: ProviderScene): Promise<void> {
  server.answerWith(streamed(dialect, GOOD));
  const stream = provider.generate(request(), connection);
  await server.roundTrip();
  let sent = server.requests.length;
  must(
    sent === 0,
    `generate() has sent ${sent} request(s) although nobody has subscribed; work begins with the subscription.`,
  );
  endOf(await watchEvents(stream));
  sent = server.requests.length;
  must(sent === 1, `One subscription has made ${sent} requests instead of 1.`);
  endOf(await watchEvents(stream));
  sent = server.requests.length;
  must(sent === 2, `Two subscriptions, one after the other, have made ${sent} request(s) instead of 2.`);
}

/** The text comes in order, by the grammar of events, and the monitor hears of it. */
export async function handsOverTheText(scene: ProviderScene): Promise<void> {
  const { server, dialect, provider } = scene;
  server.answerWith(streamed(dialect, GOOD));
  const course = await scene.watch();
  const end = endOf(course);
  must(course.text === GOOD_TEXT, `The text is ${shown(course.text)} instead of ${shown(GOOD_TEXT)}.`);
  must(
    end.finishReason.unified === 'stop',
    `The finish reason of an answer that is whole is ${shown(end.finishReason.unified)} instead of "stop".`,
  );
  must(
    end.provider === provider.id,
    `generation-end names the provider ${shown(end.provider)} instead of ${shown(provider.id)}.`,
  );
  must(
    scene.contentHeard > 0,
    'The monitor has heard of no content (onContent), so the timeouts would take the stream for a silent one.',
  );
}

/** The same bytes give the same events, one at a time. */
export async function readsAnyChunks({ server, dialect, watch }: ProviderScene): Promise<void> {
  for (const answer of [GOOD, CALLING]) {
    const reply = streamed(dialect, answer);
    server.answerWith(reply);
    const whole = await watch();
    server.answerWith({ ...reply, isSliced: true });
    const sliced = await watch();
    must(sliced.failure === undefined, `Byte by byte the same answer fails: ${sliced.failure?.message ?? ''}`);
    must(
      isDeepStrictEqual(sliced.events, whole.events),
      `Byte by byte the same answer gives other events: ${shown(sliced.text)} instead of ${shown(whole.text)}.`,
    );
  }
}

/** The vendor's own counts are reported as `reported`. */
export async function tellsTheUsage({ server, dialect, watch }: ProviderScene): Promise<void> {
  server.answerWith(streamed(dialect, GOOD));
  const { usage } = endOf(await watch());
  const { inputTokens, outputTokens } = GOOD.usage;
  must(
    usage.inputTokens === inputTokens && usage.outputTokens === outputTokens && usage.source === 'reported',
    `The usage is ${shown(usage)} instead of ${inputTokens} tokens in and ${outputTokens} out, as reported.`,
  );
}

/** Each tool call comes whole, once, in order, after its last fragment. */
export async function handsOverWholeToolCalls({ server, dialect, watch }: ProviderScene): Promise<void> {
  server.answerWith(streamed(dialect, CALLING));
  const course = await watch();
  const end = endOf(course);
  const calls = course.events.flatMap((event) =>
    event.type === 'tool-call' ? [{ id: event.id, name: event.name, arguments: event.arguments }] : [],
  );
  const told = CALLING.toolCalls.map((call) => ({ ...call, arguments: call.arguments.join('') }));
  must(
    isDeepStrictEqual(calls, told),
    `The tool calls are ${shown(calls)} instead of ${shown(told)}: each comes whole, once.`,
  );
  must(
    end.finishReason.unified === 'tool-calls',
    `The finish reason of an answer that asks for tools is ${shown(end.finishReason.unified)} instead of "tool-calls".`,
  );
}

/** An answer that the token cap has ended says so. */
export async function tellsTheTokenCap({ server, dialect, watch }: ProviderScene): Promise<void> {
  server.answerWith(streamed(dialect, { ...GOOD, finish: 'length' }));
  const { finishReason } = endOf(await watch());
  must(
    finishReason.unified === 'length',
    `The finish reason of an answer that the token cap has ended is ${shown(finishReason.unified)} instead of "length".`,
  );
}

/** An answer in one piece is one text, and the same otherwise. For vendors that have such answers. */
export async function readsWholeAnswers({ server, dialect, request, watch }: ProviderScene): Promise<void> {
  if (dialect.json === undefined) return;
  server.answerWith({ headers: { 'content-type': 'application/json' }, body: dialect.json(GOOD) });
  const course = await watch(request({ wire: 'json' }));
  endOf(course);
  const pieces = course.events.filter(({ type }) => type === 'text-delta');
  must(
    course.text === GOOD_TEXT && pieces.length === 1,
    `An answer that was not streamed gives ${shown(course.text)} in ${pieces.length} piece(s) instead of ${shown(GOOD_TEXT)} in one.`,
  );
}

/** The end of a stream that had to succeed. */
export function endOf({ events, failure }: ProviderRun): GenerationEnd {
  must(failure === undefined, `A good answer has failed: ${failure?.code ?? ''}, ${failure?.message ?? ''}`);
  const end = events.at(-1);
  must(end?.type === 'generation-end', 'The stream has no generation-end.');
  return end;
}

/** As a complaint shows it. */
export function shown(value: unknown): string {
  return inspect(value, { breakLength: Infinity, depth: 4 });
}
