import type { ProviderDialect, ToldAnswer } from './provider-contract/contract.js';

const DONE = 'data: [DONE]\n\n';
const FINISH = { stop: 'stop', length: 'length', 'tool-calls': 'tool_calls' } as const;

/** How the many vendors of chat completions write their answers, for `describeProvider`. Change a part by spread. */
export const chatDialect: ProviderDialect = {
  stream: (answer) => ({
    body: [
      ...answer.texts.map((content) =>
        event({ choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }] }),
      ),
      ...answer.toolCalls.flatMap((call, index) =>
        call.arguments.map((fragment, part) =>
          event({
            choices: [
              {
                index: 0,
                delta: {
                  tool_calls: [
                    {
                      index,
                      ...(part === 0 && { id: call.id, type: 'function' }),
                      function: { ...(part === 0 && { name: call.name }), arguments: fragment },
                    },
                  ],
                },
                finish_reason: null,
              },
            ],
          }),
        ),
      ),
    ],
    end: [
      event({ choices: [{ index: 0, delta: {}, finish_reason: FINISH[answer.finish] }] }),
      event({ choices: [], usage: usageOf(answer) }),
      DONE,
    ],
  }),
  streamError: (message) => event({ error: { message, code: 503 } }),
  errorBody: (status, message) => JSON.stringify({ error: { message, code: status } }),
  ended: (reason) => [
    event({ choices: [{ index: 0, delta: {}, finish_reason: reason }] }),
    event({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 } }),
    DONE,
  ],
  finishReasons: { eos: 'stop', MAX_TOKENS: 'length', SAFETY: 'content-filter' },
  upstreamError: (reason) =>
    JSON.stringify({
      error: {
        code: 502,
        message: 'Provider returned error',
        metadata: { raw: JSON.stringify({ error: { message: reason } }), provider_name: 'Upstream' },
      },
    }),
  json: (answer) =>
    JSON.stringify({
      ...HEAD,
      usage: usageOf(answer),
      choices: [
        {
          index: 0,
          finish_reason: FINISH[answer.finish],
          message: {
            role: 'assistant',
            content: answer.texts.join(''),
            tool_calls: answer.toolCalls.map(({ id, name, arguments: parts }) => ({
              id,
              type: 'function',
              function: { name, arguments: parts.join('') },
            })),
          },
        },
      ],
    }),
};

const HEAD = { id: 'chat-1', model: 'a-model' };

function event(data: object): string {
  return `data: ${JSON.stringify({ ...HEAD, ...data })}\n\n`;
}

function usageOf({ usage: { inputTokens, outputTokens } }: ToldAnswer): object {
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
}
