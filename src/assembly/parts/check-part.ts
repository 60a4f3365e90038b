import { shown } from '../../config/shown.js';
import { ConfigError } from '../../core/errors/classes.js';
import { reasonOf } from '../../core/errors/classify.js';
import { describeValue } from '../../core/util/describe-value.js';
import { hasMethods } from '../../core/util/has-methods.js';

/** The shape that the replacement of a part must have. */
export interface PartShape {
  /** Texts that it must have. */
  readonly texts?: readonly string[];
  readonly methods: readonly string[];
  /** Methods that it may have. */
  readonly optional?: readonly string[];
  /** Observables that it may have. */
  readonly observables?: readonly string[];
}

/**
 * Checks the shape of a replacement.
 * @param subject `The replacement of tokens.CACHE_STORE by plugin "x"`
 * @throws ConfigError that names the first thing that is missing or wrong
 */
export function checkPart(part: unknown, shape: PartShape, subject: string): void {
  const { texts = [], methods, optional = [], observables = [] } = shape;
  const needs = `It needs: ${[...texts, ...methods].join(', ')}.`;
  if (isClass(part)) throw new ConfigError(`${subject} is a class; pass an instance. ${needs}`);
  if (typeof part !== 'object' || part === null)
    throw new ConfigError(`${subject} is ${describeValue(part)}. ${needs}`);
  const read = reader(part, subject);
  for (const name of texts) mustHave(name, { value: read(name), type: 'string', subject, needs });
  for (const name of methods) mustHave(name, { value: read(name), type: 'function', subject, needs });
  for (const name of optional) {
    const value = read(name);
    if (value !== undefined && typeof value !== 'function') throw notA('function', { subject, name, value });
  }
  for (const name of observables) {
    const value = read(name);
    if (value !== undefined && !hasMethods(value, 'pipe', 'subscribe'))
      throw notA('Observable', { subject, name, value });
  }
}

function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

/** Reads a property. @throws ConfigError if its getter throws */
function reader(part: object, subject: string): (name: string) => unknown {
  return (name) => {
    try {
      return (part as Readonly<Record<string, unknown>>)[name];
    } catch (error) {
      throw new ConfigError(`${subject} has a ${name} that cannot be read: ${reasonOf(error)}.`, { cause: error });
    }
  };
}

interface Requirement {
  readonly value: unknown;
  readonly type: 'string' | 'function';
  readonly subject: string;
  readonly needs: string;
}

function mustHave(name: string, { value, type, subject, needs }: Requirement): void {
  if (typeof value === type && value !== '') return;
  if (value === undefined)
    throw new ConfigError(`${subject} has no ${type === 'function' ? 'method ' : ''}"${name}". ${needs}`);
  throw new ConfigError(
    `${subject} has a ${name} that is not a ${type === 'function' ? 'function' : 'text'}: ${shown(value)}. ${needs}`,
  );
}

interface Wrong {
  readonly subject: string;
  readonly name: string;
  readonly value: unknown;
}

function notA(kind: 'function' | 'Observable', { subject, name, value }: Wrong): ConfigError {
  const article = kind === 'function' ? 'a' : 'an';
  return new ConfigError(
    `${subject} has a ${name} that is not ${article} ${kind}: ${shown(value)}. Pass ${article} ${kind}, or leave it out.`,
  );
}
