import type { Ajv, ErrorObject, Options, ValidateFunction } from 'ajv';
import type { JsonSchema } from './object-input.js';

/** Returns the issues of a value; an empty list if it is valid. */
export type JsonSchemaCheck = (value: unknown) => readonly string[];

const DRAFT_07 = /draft-07/;

/**
 * Compiles a JSON Schema with Ajv, which is loaded on first use. Ignores unknown keywords and `format`.
 * @throws Error if the schema is invalid
 */
export async function jsonSchemaCheck(schema: JsonSchema): Promise<JsonSchemaCheck> {
  if (schema.$async === true) throw new Error('asynchronous schemas ($async) are not supported');
  const make = await (DRAFT_07.test(String(schema.$schema)) ? draft07() : draft2020());
  const validate = make(schema);
  return (value) => {
    return validate(value) ? [] : (validate.errors ?? []).map(issueOf);
  };
}

const OPTIONS = { allErrors: true, strict: false, validateFormats: false, logger: false } as const;

const draft07 = lazily(async () => compilerOf((await import('ajv')).Ajv));
const draft2020 = lazily(async () => compilerOf((await import('ajv/dist/2020.js')).Ajv2020));

/**
 * Compiles each schema with an Ajv of its own, so that none is kept, and no two with the same `$id` meet. The schema of
 * schemas takes 20 ms to compile, so one Ajv checks them all.
 */
function compilerOf(ajv: new (options: Options) => Ajv): (schema: JsonSchema) => ValidateFunction {
  const checking = new ajv(OPTIONS);
  return (schema) => {
    void checking.validateSchema(schema, true);
    return new ajv({ ...OPTIONS, validateSchema: false }).compile(schema);
  };
}

/** Loaded on first use. Ajv never changes, hence once for the whole process. */
function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

function issueOf({ instancePath, message = 'is not valid', keyword, params }: ErrorObject): string {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const { additionalProperty, allowedValues, allowedValue } = params as Readonly<Record<string, unknown>>;
  switch (keyword) {
    case 'additionalProperties':
      return issueAt(path, `${message}, such as "${String(additionalProperty)}"`);
    case 'enum':
      return issueAt(path, `${message}: ${JSON.stringify(allowedValues)}`);
    case 'const':
      return issueAt(path, `${message} ${JSON.stringify(allowedValue)}`);
    default:
      return issueAt(path, message);
  }
}

const LONGEST = 200;

/**
 * Formats an issue on one line, with the path of a nested value. Path and message are shortened, because both may
 * repeat the model's text.
 */
export function issueAt(path: readonly PropertyKey[], message: string): string {
  const place = path.reduce<string>((before, key) => before + step(key, before === ''), '');
  const line = `${place}${place === '' ? '' : ': '}${message}`.replaceAll(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

function step(key: PropertyKey, isFirst: boolean): string {
  if (typeof key === 'number' || /^\d+$/.test(String(key))) return `[${String(key)}]`;
  if (typeof key === 'string' && !/^[\w$-]+$/.test(key)) return `[${JSON.stringify(key)}]`;
  return `${isFirst ? '' : '.'}${String(key)}`;
}
