import type { Reasoning, ResponseFormat, Sampling, Tool, ToolChoice } from '../../core/request.js';
import type { Route } from '../../core/routes.js';
import type { GenerationInput } from '../../input/generation-input.js';
import { asList, asObject, asText } from '../json.js';
import type { Json } from '../json.js';
import { readChatMessages } from './read-chat-messages.js';
import { refuse } from './refuse.js';

/** A client's chat completion, as the input of a generation and the form of the answer. */
export interface ChatRequest {
  /** Without labels, headers and signal. Without a model if the client names none. */
  readonly input: GenerationInput;
  readonly isStream: boolean;
  /** The client has asked for `usage` at the end of the stream. */
  readonly wantsUsage: boolean;
}

/** Fields that a request has itself, and those that concern the answer's form alone. */
const READ = new Set([
  ...['messages', 'prompt', 'model', 'models', 'route', 'max_tokens', 'max_completion_tokens', 'temperature', 'top_p'],
  ...['top_k', 'min_p', 'top_a', 'frequency_penalty', 'presence_penalty', 'repetition_penalty', 'seed', 'stop'],
  ...['stream', 'stream_options', 'usage', 'include_usage', 'n', 'reasoning_effort'],
]);

/**
 * Reads the body of a chat completion, in OpenAI's form or an aggregator's. `null` counts as left out. A list `models` becomes
 * routes. A field that a request does not have goes into `providerOptions`, and so unchanged to the vendor.
 * @param provider the id of the provider that these fields are meant for
 * @throws GenerationError `invalid-input` that names the field
 * @example
 * ```ts
 * const { input, isStream } = readChatRequest(JSON.parse(body), 'groq');
 * const result = await pipeline.generate(input);
 * ```
 */
export function readChatRequest(body: unknown, provider: string): ChatRequest {
  const fields = asObject(body) ?? refuse('The body must be a JSON object');
  if (fields.n != null && fields.n !== 1) refuse('n must be 1: one request has one answer');
  const read = { ...readTools(fields), ...readFormat(fields), ...readReasoning(fields) };
  const taken = new Set(Object.values(read).flatMap(({ from }) => from));
  const further = Object.entries(fields).filter(([key, value]) => !READ.has(key) && !taken.has(key) && value != null);
  return {
    input: {
      ...readPrompt(fields),
      ...readModel(fields),
      ...readSampling(fields),
      ...Object.fromEntries(Object.entries(read).map(([key, { value }]) => [key, value])),
      ...(further.length > 0 && { providerOptions: { [provider]: Object.fromEntries(further) } }),
    },
    isStream: fields.stream === true,
    wantsUsage: asObject(fields.stream_options)?.include_usage === true,
  };
}

function readPrompt({ messages, prompt }: Json): GenerationInput {
  if (messages == null && typeof prompt === 'string') return { prompt };
  return { messages: readChatMessages(messages) };
}

function readModel({ model, models }: Json): GenerationInput {
  const named = [...(model == null ? [] : [model]), ...asList(models)].map(
    (name) => asText(asText(name)?.trim()) ?? refuse('model and models must be the names of models'),
  );
  const [first, ...others] = [...new Set(named)];
  const routes: readonly Route[] = others.map((name) => ({ model: name }));
  return { ...(first !== undefined && { model: first }), ...(routes.length > 0 && { overrides: { routes } }) };
}

const NUMBERS = {
  temperature: 'temperature',
  top_p: 'topP',
  top_k: 'topK',
  min_p: 'minP',
  top_a: 'topA',
  frequency_penalty: 'frequencyPenalty',
  presence_penalty: 'presencePenalty',
  repetition_penalty: 'repetitionPenalty',
  seed: 'seed',
} as const satisfies Readonly<Record<string, keyof Sampling>>;

function readSampling(fields: Json): GenerationInput {
  const numbers = Object.entries(NUMBERS).filter(([wire]) => fields[wire] != null);
  const { max_completion_tokens: newer, max_tokens: older, stop } = fields;
  const maxTokens = newer ?? older;
  return {
    ...Object.fromEntries(numbers.map(([wire, own]) => [own, numberIn(fields[wire], wire)])),
    ...(maxTokens != null && {
      maxTokens: numberIn(maxTokens, newer == null ? 'max_tokens' : 'max_completion_tokens'),
    }),
    ...(stop != null && { stop: (Array.isArray(stop) ? stop : [stop]) as readonly string[] }),
  };
}

function numberIn(value: unknown, place: string): number {
  if (typeof value !== 'number') refuse(`${place} must be a number`);
  return value;
}

/** A value, and the fields of the body that it says whole. Others pass to the vendor as they are. */
type Read<T> = { readonly value: T; readonly from: readonly string[] };

function readTools({ tools, tool_choice: choice }: Json): {
  tools?: Read<readonly Tool[]>;
  toolChoice?: Read<ToolChoice>;
} {
  const known = asList(tools).map(readTool);
  // Tools that a vendor runs itself have no place in a request: then the whole list is the vendor's.
  if (known.length === 0 || known.includes(undefined)) return {};
  const named = asText(asObject(asObject(choice)?.function)?.name);
  const toolChoice =
    choice === 'auto' || choice === 'none' || choice === 'required' ? choice : named && { name: named };
  return {
    tools: { value: known as readonly Tool[], from: ['tools'] },
    ...(toolChoice && { toolChoice: { value: toolChoice, from: ['tool_choice'] } }),
  };
}

function readTool(tool: unknown): Tool | undefined {
  const { type, function: described, ...further } = asObject(tool) ?? {};
  const { name, description, parameters, strict } = asObject(described) ?? {};
  if (type !== 'function' || typeof name !== 'string' || Object.keys(further).length > 0) return undefined;
  return {
    name,
    ...(typeof description === 'string' && { description }),
    ...(isObject(parameters) && { parameters }),
    ...(typeof strict === 'boolean' && { strict }),
  };
}

function readFormat({ response_format: format }: Json): { responseFormat?: Read<ResponseFormat> } {
  const read = formatOf(asObject(format) ?? {});
  return read === undefined ? {} : { responseFormat: { value: read, from: ['response_format'] } };
}

function formatOf({ type, json_schema: described }: Json): ResponseFormat | undefined {
  const { name, schema, description, strict } = asObject(described) ?? {};
  if (type === 'text') return { type };
  if (type === 'json_object') return { type: 'json' };
  if (type !== 'json_schema' || !isObject(schema)) return undefined;
  return {
    type: 'json-schema',
    name: asText(name) ?? 'answer',
    schema,
    ...(typeof description === 'string' && { description }),
    ...(typeof strict === 'boolean' && { strict }),
  };
}

function isObject(value: unknown): value is Json {
  return asObject(value) !== undefined;
}

const EFFORTS: readonly unknown[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

function readReasoning({ reasoning, reasoning_effort: short }: Json): { reasoning?: Read<Reasoning> } {
  const { effort = short, max_tokens: maxTokens, exclude, ...further } = asObject(reasoning) ?? {};
  if (Object.keys(further).length > 0) return {};
  const value = {
    ...(effort != null && {
      effort: EFFORTS.includes(effort)
        ? (effort as NonNullable<Reasoning['effort']>)
        : refuse(`reasoning.effort must be one of ${EFFORTS.join(', ')}`),
    }),
    ...(maxTokens != null && { maxTokens: numberIn(maxTokens, 'reasoning.max_tokens') }),
    ...(typeof exclude === 'boolean' && { exclude }),
  };
  return Object.keys(value).length === 0 ? {} : { reasoning: { value, from: ['reasoning'] } };
}
