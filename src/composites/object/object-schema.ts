import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import { isSection } from '../../config/is-section.js';
import { GenerationError } from '../../core/errors/generation-error.js';
import { issueAt, jsonSchemaCheck } from './json-schema-check.js';
import type { JsonSchema, ObjectInput } from './object-input.js';

/** A value that fits its schema, as the schema gives it back, or what is wrong with it. */
export type Checked = { readonly object: unknown } | { readonly issues: readonly string[] };

/** What an object must be. */
export interface ObjectSchema {
  /** For the vendor and the model, where there is one. */
  readonly json?: JsonSchema | undefined;
  check(value: unknown): Promise<Checked>;
}

/** Reads a schema of either kind. @throws GenerationError `invalid-input` */
export async function objectSchema({
  schema,
  jsonSchema,
}: Pick<ObjectInput<unknown>, 'schema' | 'jsonSchema'>): Promise<ObjectSchema> {
  if (jsonSchema !== undefined && !isSection(jsonSchema)) throw invalid('jsonSchema must be a JSON Schema, an object.');
  if (isStandard(schema))
    return { json: jsonSchema ?? written(schema), check: (value) => checkStandard(schema, value) };
  if (!isSection(schema))
    throw invalid('schema must be a Standard Schema (of Zod, Valibot, ArkType …) or a JSON Schema.');
  const json = schema as JsonSchema;
  const issuesOf = await jsonSchemaCheck(json).catch((error: unknown) => {
    throw invalid(`schema is no JSON Schema that can be checked: ${reasonOf(error)}.`, error);
  });
  const check = (value: unknown): Checked => {
    const issues = issuesOf(value);
    return issues.length === 0 ? { object: value } : { issues };
  };
  return { json: jsonSchema ?? json, check: (value) => Promise.resolve(check(value)) };
}

/** Some libraries' schemas are functions. */
function isStandard(schema: unknown): schema is StandardSchemaV1 {
  const isHolder = (typeof schema === 'object' && schema !== null) || typeof schema === 'function';
  return isHolder && '~standard' in schema && isSection(schema['~standard']) && 'validate' in schema['~standard'];
}

/** The schema of what the model is to write: of the value before any transformation. Nothing where its library has no way to say it. */
function written(schema: StandardSchemaV1): JsonSchema | undefined {
  const standard: StandardSchemaV1.Props & Partial<Pick<StandardJSONSchemaV1.Props, 'jsonSchema'>> =
    schema['~standard'];
  try {
    return standard.jsonSchema?.input({ target: 'draft-2020-12' });
  } catch (error) {
    throw invalid(
      `schema cannot be written as a JSON Schema (${reasonOf(error)}); pass what the model is to write as jsonSchema.`,
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
