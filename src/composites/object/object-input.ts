import type { GenerationInput } from '../../input/generation-input.js';
import type { GenerationResult } from '../../core/result.js';

/** A JSON Schema; draft 2020-12 unless `$schema` names draft 07. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Input of `generateObject()`: a generation's input, and the schema of the object. The response format is derived from
 * it.
 * @see docs/objects.md
 * @example
 * ```ts
 * const input = {
 *   prompt: 'Write the outline of a book about lighthouses.',
 *   schema: z.object({ title: z.string(), chapters: z.array(z.string()) }),
 * };
 * const { object } = await pipeline.generateObject(input); // { title, chapters }
 * ```
 */
export interface ObjectInput<S> extends Omit<GenerationInput, 'responseFormat' | 'continueFrom'> {
  /** A Standard Schema (of Zod, Valibot, ArkType …) or a JSON Schema. */
  readonly schema: S;
  /**
   * The JSON Schema to send. Overrides the one derived from `schema`; needed if the schema's library cannot derive it.
   */
  readonly jsonSchema?: JsonSchema | undefined;
  /** Name of the object in the request; "answer" by default. Letters, digits, "_" and "-", at most 64. */
  readonly name?: string | undefined;
  /** Asks the vendor to enforce the schema. Not every model and schema supports this. */
  readonly strict?: boolean | undefined;
  /** The id of the first generation. A second one has a random id, so that records hold both. */
  readonly id?: string | undefined;
  /** Milliseconds for everything, including the second generation. */
  readonly deadlineMs?: number | undefined;
}

/**
 * The object, and the answer it was parsed from. After two generations, `usage`, `cost` and `attempts` cover both;
 * everything else is the second's.
 */
export interface ObjectResult<T> extends GenerationResult {
  readonly object: T;
}
