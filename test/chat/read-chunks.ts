import { ApiError } from 'scriptorium';
import type { GenerationEvent } from 'scriptorium';
import { ChatReader } from '../../src/chat/chat-reader.js';
import type { ChatReaderParts } from '../../src/chat/chat-reader.js';

/** A chunk with one choice. */
export const chunk = (choice: object, more: object = {}) => ({
  id: 'gen-1',
  choices: [{ index: 0, ...choice }],
  ...more,
});
/** A chunk with a piece of content. */
export const delta = (content: unknown) => chunk({ delta: { content } });
/** The chunk that ends an answer. */
export const end = (finish_reason: string) => chunk({ delta: {}, finish_reason });
/** A whole answer. */
export const whole = (content: unknown, more: object = {}) =>
  chunk({ message: { role: 'assistant', content }, finish_reason: 'stop', ...more });

/** Reads the chunks of a stream, or one body. */
export function read(
  chunks: readonly object[],
  { isBody = false, ...parts }: Partial<ChatReaderParts> & { readonly isBody?: boolean } = {},
) {
  const reader = new ChatReader({
    ...{ provider: 'vendor', model: 'm', attempt: 1, mayBeEmpty: false },
    failure: (error) => new ApiError('server-error', JSON.stringify(error)),
    ...parts,
  });
  const events: GenerationEvent[] = [];
  const emit = (event: GenerationEvent): void => void events.push(event);
  if (isBody) reader.expectBody();
  const hadContent = chunks.map((each) => reader.read(each, emit, isBody ? undefined : JSON.stringify(each)));
  if (parts.endsByTerminator === true) reader.terminated();
  const ending = reader.end(emit);
  return {
    ending,
    hadContent,
    text: events.flatMap((event) => (event.type === 'text-delta' ? [event.delta] : [])).join(''),
    thought: events.flatMap((event) => (event.type === 'reasoning-delta' ? [event.delta] : [])).join(''),
    details: events.flatMap((event) => (event.type === 'reasoning-details' ? event.details : [])),
    calls: events.filter(({ type }) => type === 'tool-call'),
    images: events.flatMap((event) => (event.type === 'image' ? [event.url] : [])),
    annotations: events.flatMap((event) => (event.type === 'annotation' ? [event.annotation] : [])),
    warnings: events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
    metadata: ending.providerMetadata?.vendor,
  };
}
