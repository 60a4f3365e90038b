import { asText, ChatReader, continuedMessages, textIn, thoughtsFrom } from 'scriptorium/provider';
import type { AnswerReader, Codec, GenerationRequest } from 'scriptorium/provider';
import { errorFromEnvelope } from './classify.js';
import { inCommonWords } from './dialect.js';
import { prefillOf } from './encode.js';
import { withoutRepetition } from './repetition.js';
import type { Server } from './server.js';

/** A reader for this server's answers: the one for all chat completions, told in the words that it knows. */
export function readerFor(server: Server): Codec['reader'] {
  return (request, { headers, attempt, now }) => {
    const { id } = server;
    const failure = (error: unknown, type?: string) => errorFromEnvelope(error, { server, headers, now, type });
    const reader = new ChatReader({
      provider: id,
      model: request.model,
      attempt,
      mayBeEmpty: request.continuation !== undefined,
      namesModel: hasFallbackModels(request, id),
      endsByTerminator: server.endsByTerminator ?? server.preset.endsByTerminator ?? false,
      responseId: asText(headers.get('x-request-id')),
      thoughtsInText: thoughtsFrom(server.thoughts, request, prefillOf(request, server)),
      failure,
    });
    return onceOnly(reader, repeatedText(request, server));
  };
}

/** Whether the server may let another model answer. Otherwise the name in an answer may be an alias or a file. */
function hasFallbackModels({ providerOptions }: GenerationRequest, id: string): boolean {
  const { models, fallbacks } = providerOptions[id] ?? {};
  return Array.isArray(models) || Array.isArray(fallbacks);
}

/** The text that the answer will begin with although it was given: none for most servers. */
function repeatedText(request: GenerationRequest, server: Server): string {
  if (server.preset.begun.isRepeated !== true) return '';
  const last = continuedMessages(request, prefillOf(request, server)).at(-1);
  return last?.role === 'assistant' ? textIn(last.content) : '';
}

function onceOnly(reader: ChatReader, given: string): AnswerReader {
  const text = withoutRepetition(given);
  return {
    read: (json, emit, data) => reader.read(inCommonWords(json), (event) => text.take(event, emit), data),
    readUnparsed: (data, emit) => reader.readUnparsed(data, (event) => text.take(event, emit)),
    expectBody: () => reader.expectBody(),
    terminated: () => reader.terminated(),
    isWhole: () => reader.isWhole(),
    end: (emit) => {
      const end = reader.end((event) => text.take(event, emit));
      text.end(emit);
      return end;
    },
  };
}
