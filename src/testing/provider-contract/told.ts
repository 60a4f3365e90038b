import type { ProviderDialect, ToldAnswer, ToldCall } from './contract.js';
import type { Reply } from './wire-server.js';

/** A good answer, with characters of one to four bytes. */
export const GOOD: ToldAnswer = {
  texts: ['Once ', 'upon — ', 'a té', ' of 日', '🌊.'],
  toolCalls: [],
  finish: 'stop',
  usage: { inputTokens: 7, outputTokens: 5 },
};
export const GOOD_TEXT = GOOD.texts.join('');

const CALLS: readonly ToldCall[] = [
  { id: 'call_1', name: 'look_up', arguments: ['{"word":', '"té', '"}'] },
  { id: 'call_2', name: 'count', arguments: ['{}'] },
];

/** An answer that asks for two tools after some text. */
export const CALLING: ToldAnswer = { ...GOOD, texts: ['Let me see.'], toolCalls: CALLS, finish: 'tool-calls' };

/** An answer as a stream, whole unless `cut` says otherwise. */
export function streamed(
  dialect: ProviderDialect,
  answer: ToldAnswer,
  cut: { readonly isCut?: boolean; readonly then?: string } = {},
): Reply {
  const { body, end } = dialect.stream(answer);
  return {
    headers: { 'content-type': dialect.contentType ?? 'text/event-stream' },
    body: [...body, ...(cut.isCut === true ? [] : end)].join('') + (cut.then ?? ''),
  };
}
