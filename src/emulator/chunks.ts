import type { Answer } from './answer.js';
import type { WireError } from './errors.js';
import type { WireUsage } from './usage.js';

/** The provider that the emulator claims to be. */
export const PROVIDER = 'Scriptorium emulator';
/** The comment that keeps a stream alive. */
export const PROCESSING = ': OPENROUTER PROCESSING\n\n';
/** The last event of a stream. */
export const DONE = 'data: [DONE]\n\n';

const REASONING_FORMAT = 'unknown';
const NATIVE_REASONS: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  error: 'error',
};

/** The content of one chunk of a stream, or of a whole answer. */
export interface ChunkContent {
  /** Of a tool call a piece of its arguments. */
  readonly text?: string;
  /** A tool call begins: its id and name are told, once. */
  readonly opensCall?: true;
  readonly reasoning?: string;
  /** Closes the thoughts, as vendors do with a fragment that holds nothing else. */
  readonly signature?: string;
  readonly finishReason?: string;
  readonly usage?: WireUsage;
  readonly error?: WireError;
  readonly choiceError?: WireError;
}

/** An event of a stream. The role is repeated in every chunk. */
export function eventOf(data: string): string {
  return `data: ${data}\n\n`;
}

/** A chunk of a streamed answer as an event. */
export function chunkOf(answer: Answer, content: ChunkContent): string {
  const delta = { role: 'assistant', ...spokenOf(answer, content), ...reasoningOf(content) };
  return eventOf(JSON.stringify({ ...headOf(answer, 'chat.completion.chunk'), ...bodyOf(content, { delta }) }));
}

/** Writes the chunks of an answer that carry nothing but text, as `chunkOf` does. What they share is written once. */
export function textChunks(answer: Answer): (text: string) => string {
  const mark = JSON.stringify('\u0000');
  const pattern = chunkOf(answer, { text: '\u0000' });
  const at = pattern.lastIndexOf(mark);
  const [before, after] = [pattern.slice(0, at), pattern.slice(at + mark.length)];
  return (text) => before + JSON.stringify(text) + after;
}

/** A whole answer as a JSON body. */
export function completionOf(answer: Answer, content: ChunkContent): string {
  const message = {
    role: 'assistant',
    ...spokenOf(answer, { ...content, opensCall: true }),
    refusal: null,
    ...reasoningOf(content),
  };
  return JSON.stringify({ ...headOf(answer, 'chat.completion'), ...bodyOf(content, { logprobs: null, message }) });
}

/** Text, or a fragment of the one tool call. The later fragments name it by its index alone. */
function spokenOf({ id, tool }: Answer, { text = '', opensCall }: ChunkContent): object {
  if (tool === undefined) return { content: text };
  if (opensCall === true)
    return {
      content: null,
      tool_calls: [{ index: 0, id: `call_${id}`, type: 'function', function: { name: tool, arguments: text } }],
    };
  return text === '' ? { content: '' } : { content: null, tool_calls: [{ index: 0, function: { arguments: text } }] };
}

function headOf({ id, created, modelId }: Answer, object: string): object {
  return { id, object, created, model: modelId, provider: PROVIDER };
}

function bodyOf({ finishReason, usage, error, choiceError }: ChunkContent, parts: object): object {
  const choice = {
    index: 0,
    ...parts,
    ...(choiceError && { error: choiceError }),
    finish_reason: finishReason ?? null,
    native_finish_reason: NATIVE_REASONS[finishReason ?? ''] ?? null,
  };
  return { ...(error && { error }), choices: [choice], ...(usage && { usage }) };
}

function reasoningOf({ reasoning, signature }: ChunkContent): object {
  if (reasoning === undefined && signature === undefined) return {};
  const detail = {
    type: 'reasoning.text',
    ...(reasoning !== undefined && { text: reasoning }),
    ...(signature !== undefined && { signature }),
    format: REASONING_FORMAT,
    index: 0,
  };
  return { ...(reasoning !== undefined && { reasoning }), reasoning_details: [detail] };
}
