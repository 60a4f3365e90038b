import type { AssistantMessage, Message } from '../../core/message.js';
import type { GenerationInput } from '../../input/generation-input.js';
import type { ObjectInput } from './object-input.js';
import type { ObjectSchema } from './object-schema.js';
import type { GenerationResult } from '../../core/result.js';

/** What a model is told whose vendor is given no schema: that it is to be JSON, for which some vendors want to see the word. What it is to hold the prompt says. */
const JSON_ONLY = 'Answer with one JSON value and nothing else.';

/** The generation that asks for an object: with its schema, or for any JSON where the schema cannot be sent. */
export function askingFor(
  { schema: _schema, jsonSchema: _jsonSchema, name = 'answer', strict, ...given }: ObjectInput<unknown>,
  { json }: ObjectSchema,
): GenerationInput {
  // What the token cap has cut cannot be put together from pieces, so nothing is paid for trying.
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

/** The same, once more, with the answer and what is wrong with it. */
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

/** The schema is told in words, since the model may never have seen it: not every vendor passes it on. */
export function repairInstruction(issues: readonly string[], { json }: ObjectSchema): string {
  return [
    `That is not what was asked for:\n${issues.map((issue) => `- ${issue}`).join('\n')}`,
    'Answer again, with the whole corrected JSON value and nothing else.',
    ...(json === undefined ? [] : [`It must fit this JSON Schema:\n${JSON.stringify(json)}`]),
  ].join('\n\n');
}
