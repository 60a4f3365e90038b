import { anthropic } from 'scriptorium/plugins/anthropic';
import { describeProvider, providerOf } from 'scriptorium/testing';
import type { ProviderDialect, ToldAnswer } from 'scriptorium/testing';
import {
  errorBody,
  errorEvent,
  MESSAGE_STOP,
  messageDelta,
  messageStart,
  textBlock,
  toolBlock,
  wholeMessage,
} from '../../support/anthropic-wire.js';

const REASON = { stop: 'end_turn', length: 'max_tokens', 'tool-calls': 'tool_use' } as const;
const usageOf = ({ usage: { inputTokens, outputTokens } }: ToldAnswer) => ({
  input_tokens: inputTokens,
  output_tokens: outputTokens,
});

/** How Anthropic writes its answers: a block for the text, a block for each call. */
const dialect: ProviderDialect = {
  stream: (answer) => ({
    body: [
      messageStart({ usage: { ...usageOf(answer), output_tokens: 1 } }),
      ...eventsOf(answer.texts.length > 0 ? textBlock(0, ...answer.texts) : ''),
      ...answer.toolCalls.flatMap(({ id, name, arguments: parts }, index) =>
        eventsOf(toolBlock(index + 1, { id, name }, ...parts)),
      ),
    ],
    end: [messageDelta(REASON[answer.finish], usageOf(answer)), MESSAGE_STOP],
  }),
  streamError: (message) => errorEvent('overloaded_error', message),
  // The type follows from the status, and is left out here: a status must do without.
  errorBody: (_status, message) => JSON.stringify({ ...errorBody('', message) }),
  ended: (reason) => [messageDelta(reason, { input_tokens: 7, output_tokens: 5 }), MESSAGE_STOP],
  finishReasons: { stop_sequence: 'stop', refusal: 'content-filter', model_context_window_exceeded: 'length' },
  upstreamError: (reason) =>
    JSON.stringify(errorBody('api_error', JSON.stringify({ error: { message: reason, type: 'server_error' } }))),
  json: (answer) =>
    JSON.stringify(
      wholeMessage(
        [
          ...(answer.texts.length > 0 ? [{ type: 'text', text: answer.texts.join('') }] : []),
          ...answer.toolCalls.map(({ id, name, arguments: parts }) => ({
            type: 'tool_use',
            id,
            name,
            input: JSON.parse(parts.join('')) as unknown,
          })),
        ],
        { stop_reason: REASON[answer.finish], usage: usageOf(answer) },
      ),
    ),
};

function eventsOf(stream: string): readonly string[] {
  return stream
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => `${event}\n\n`);
}

describeProvider('anthropic', {
  make: ({ url, apiKey }) => providerOf(anthropic(), { baseUrl: url, apiKey, prefill: { 'claude-none': 'none' } }),
  dialect,
  request: { model: 'claude-sonnet-4-5' },
  models: ['claude-sonnet-4-5', 'claude-opus-4-6', 'claude-none'],
});
