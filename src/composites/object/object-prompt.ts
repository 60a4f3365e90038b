import type { AssistantMessage, Message } from '../../core/message.js';
import type { GenerationInput } from '../../input/generation-input.js';
import type { ObjectInput } from './object-input.js';
import type { ObjectSchema } from './object-schema.js';
import type { GenerationResult } from '../../core/result.js';

/** The instruction if no schema can be sent. Some vendors require the word "JSON"; the prompt describes the content. */
const JSON_ONLY = 'Answer with one JSON value and nothing else.';

/** Builds the generation of an object: with its schema, or for any JSON if no schema can be sent. */
export function askingFor(
  { schema: _schema, jsonSchema: _jsonSchema, name = 'answer', strict, ...given }: ObjectInput<unknown>,
  { json }: ObjectSchema,
): GenerationInput {
  // JSON that the token cap has cut cannot be continued, so no attempt at it is paid for.
  const input: GenerationInput = {
    ...given,
    overrides: { ...given.overrides, continuity: { ...given.overrides?.continuity, onLength: 'stop' } },
  };
  if (json === undefined)
    return {
      ...input,
      system: input.system === undefined ? JSON_ONLY : `${input.system}\n\n${JSON_ONLY}`,
      responseFormat: { type: 'json' },
    };
  return {
    ...input,
    responseFormat: { type: 'json-schema', name, schema: json, ...(strict !== undefined && { strict }) },
  };
}

/** Builds the second generation, with the first answer and the instruction to correct it. */
export function askingAgain(
  { prompt, messages, ...input }: GenerationInput,
  { text, reasoningDetails }: GenerationResult,
  instruction: string,
): GenerationInput {
  const conversation: readonly Message[] = messages ?? [{ role: 'user', content: prompt ?? '' }];
  const answer: AssistantMessage = {
    role: 'assistant',
    content: text,
    ...(reasoningDetails.length > 0 && { reasoningDetails }),
  };
  return { ...input, messages: [...conversation, answer, { role: 'user', content: instruction }] };
}

/**
 * Builds the instruction to correct an answer. It contains the schema, because not every vendor passes it to the model.
 */
export function repairInstruction(issues: readonly string[], { json }: ObjectSchema): string {
  return [
    `That is not what was asked for:\n${issues.map((issue) => `- ${issue}`).join('\n')}`,
    'Answer again, with the whole corrected JSON value and nothing else.',
    ...(json === undefined ? [] : [`It must fit this JSON Schema:\n${JSON.stringify(json)}`]),
  ].join('\n\n');
}
