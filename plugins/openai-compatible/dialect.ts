import { asList, asObject, asText } from 'scriptorium/provider';
import type { Json } from 'scriptorium/provider';

/**
 * A chunk of a stream, or a whole answer, in the words that all servers have in common. Groq puts usage and errors under
 * `x_groq`; Mistral and older vLLM send an error object without an envelope; Mistral's thoughts are parts of the content.
 */
export function inCommonWords(json: unknown): unknown {
  const chunk = asObject(json);
  if (chunk === undefined) return json;
  if (chunk.object === 'error') return { error: chunk };
  const groq = asObject(chunk.x_groq);
  return {
    ...chunk,
    ...(chunk.usage == null && groq?.usage != null && { usage: groq.usage }),
    ...(chunk.error == null && asText(groq?.error) !== undefined && { error: { message: groq?.error } }),
    ...(Array.isArray(chunk.choices) && { choices: asList(chunk.choices).map(choiceInCommonWords) }),
  };
}

function choiceInCommonWords(value: unknown): unknown {
  const choice = asObject(value);
  if (choice === undefined) return value;
  const [delta, message] = [asObject(choice.delta), asObject(choice.message)];
  return {
    ...choice,
    ...(delta && { delta: withThoughtsApart(delta) }),
    ...(message && { message: withThoughtsApart(message) }),
  };
}

function withThoughtsApart(delta: Json): Json {
  if (!Array.isArray(delta.content)) return delta;
  const thoughts = asList(delta.content)
    .map(asObject)
    .filter((part) => part?.type === 'thinking')
    .flatMap((part) => asList(part?.thinking));
  const thought = thoughts.map((part) => asText(asObject(part)?.text) ?? '').join('');
  return thought === '' ? delta : { ...delta, reasoning: thought };
}
