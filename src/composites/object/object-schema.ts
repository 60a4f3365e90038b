import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import { isSection } from '../../config/is-section.js';
import { GenerationError } from '../../core/errors/generation-error.js';
import { issueAt, jsonSchemaCheck } from './json-schema-check.js';
import type { JsonSchema, ObjectInput } from './object-input.js';

/** A valid value, as its schema returns it, or the issues. */
export type Checked = { readonly object: unknown } | { readonly issues: readonly string[] };

/** A schema that checks objects, whatever its library. */
export interface ObjectSchema {
  /** The JSON Schema for the vendor and the model, if there is one. */
  readonly json?: JsonSchema | undefined;
  check(value: unknown): Promise<Checked>;
}

/**
 * Reads a Standard Schema or a JSON Schema.
 * @throws GenerationError `invalid-input`
 */
export async function objectSchema({
  schema,
  jsonSchema,
}: Pick<ObjectInput<unknown>, 'schema' | 'jsonSchema'>): Promise<ObjectSchema> {
  if (jsonSchema !== undefined && !isSection(jsonSchema)) throw invalid('jsonSchema must be an object, a JSON Schema.');
  if (isStandard(schema))
    return { json: jsonSchema ?? written(schema), check: (value) => checkStandard(schema, value) };
  if (!isSection(schema))
    throw invalid('schema must be a Standard Schema (of Zod, Valibot, ArkType …) or a JSON Schema.');
  const json = schema as JsonSchema;
  const issuesOf = await jsonSchemaCheck(json).catch((error: unknown) => {
    throw invalid(`schema is not a valid JSON Schema: ${reasonOf(error)}.`, error);
  });
  const check = (value: unknown): Checked => {
    const issues = issuesOf(value);
    return issues.length === 0 ? { object: value } : { issues };
  };
  return { json: jsonSchema ?? json, check: (value) => Promise.resolve(check(value)) };
}

/** The schemas of some libraries are functions. */
function isStandard(schema: unknown): schema is StandardSchemaV1 {
  const isHolder = (typeof schema === 'object' && schema !== null) || typeof schema === 'function';
  return isHolder && '~standard' in schema && isSection(schema['~standard']) && 'validate' in schema['~standard'];
}

/**
 * The JSON Schema of the model's answer: the value before any transformation. Undefined if the library cannot derive
 * it.
 */
function written(schema: StandardSchemaV1): JsonSchema | undefined {
  const standard: StandardSchemaV1.Props & Partial<Pick<StandardJSONSchemaV1.Props, 'jsonSchema'>> =
    schema['~standard'];
  try {
    return standard.jsonSchema?.input({ target: 'draft-2020-12' });
  } catch (error) {
    throw invalid(
      `schema cannot be converted to a JSON Schema (${reasonOf(error)}). Pass the JSON Schema of the answer as jsonSchema.`,
      error,
    );
  }
}

async function checkStandard(schema: StandardSchemaV1, value: unknown): Promise<Checked> {
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return { object: result.value };
  return {
    issues: result.issues.map(({ path = [], message }) =>
      issueAt(
        path.map((key) => (typeof key === 'object' ? key.key : key)),
        message,
      ),
    ),
  };
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}

function invalid(message: string, cause?: unknown): GenerationError {
  return new GenerationError('invalid-input', message, { cause });
}
