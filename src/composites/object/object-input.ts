import type { GenerationInput } from '../../input/generation-input.js';
import type { GenerationResult } from '../../core/result.js';

/** A JSON Schema, of draft 2020-12 unless its `$schema` names draft 07. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a user passes for one object: a generation's input, and what the object must be. The format of the response follows from that. */
export interface ObjectInput<S> extends Omit<GenerationInput, 'responseFormat'> {
  /** A Standard Schema (of Zod, Valibot, ArkType …) or a JSON Schema. */
  readonly schema: S;
  /** The JSON Schema that is sent. Needed where a Standard Schema cannot be written as one by its own library; wins over it. */
  readonly jsonSchema?: JsonSchema | undefined;
  /** What the object is called on the wire; "answer" by default. Letters, digits, "_" and "-". */
  readonly name?: string | undefined;
  /** The vendor is to keep the model to the schema; not every model and not every schema can be. */
  readonly strict?: boolean | undefined;
  /** Milliseconds for everything, the second round included. */
  readonly deadlineMs?: number | undefined;
}

/** The object with the answer it was read from. Where it took two, `usage`, `cost` and `attempts` are those of both; all else is of the second. */
export interface ObjectResult<T> extends GenerationResult {
  readonly object: T;
}
