import type { ErrorObject } from 'ajv';
import { issueAt } from './issue.js';
import type { JsonSchema } from './object-input.js';

/** The issues of a value; none if it is valid. */
export type JsonSchemaCheck = (value: unknown) => readonly string[];

const DRAFT_07 = /draft-07/;

/**
 * Compiles a JSON Schema, with Ajv, which is loaded here and only then. Unknown keywords say nothing, and `format` is not
 * checked. @throws Error where the schema is none
 */
export async function jsonSchemaCheck(schema: JsonSchema): Promise<JsonSchemaCheck> {
  if (schema.$async === true) throw new Error('what it checks must not be asynchronous');
  const Ajv = DRAFT_07.test(String(schema.$schema)) ? (await import('ajv')).Ajv : (await import('ajv/dist/2020.js')).Ajv2020;
  const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false, logger: false }).compile(schema);
  return (value) => {
    return validate(value) ? [] : (validate.errors ?? []).map(issueOf);
  };
}

function issueOf({ instancePath, message = 'is not valid', keyword, params }: ErrorObject): string {
  const path = instancePath.split('/').slice(1).map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const { additionalProperty, allowedValues, allowedValue } = params as Readonly<Record<string, unknown>>;
  switch (keyword) {
    case 'additionalProperties': return issueAt(path, `${message}, such as "${String(additionalProperty)}"`);
    case 'enum': return issueAt(path, `${message}: ${JSON.stringify(allowedValues)}`);
    case 'const': return issueAt(path, `${message} ${JSON.stringify(allowedValue)}`);
    default: return issueAt(path, message);
  }
}
