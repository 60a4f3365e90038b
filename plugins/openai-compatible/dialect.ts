import { asObject, asText } from 'scriptorium/provider';

/**
 * A chunk of a stream, or a whole answer, in the words that all servers have in common. Groq puts usage and errors under
 * `x_groq`; Mistral and older vLLM send an error object without an envelope.
 */
export function inCommonWords(json: unknown): unknown {
  const chunk = asObject(json);
  if (chunk?.object === 'error') return { error: chunk };
  const groq = asObject(chunk?.x_groq);
  if (groq === undefined) return json;
  return {
    ...chunk,
    ...(chunk?.usage == null && groq.usage != null && { usage: groq.usage }),
    ...(chunk?.error == null && asText(groq.error) !== undefined && { error: { message: groq.error } }),
  };
}
