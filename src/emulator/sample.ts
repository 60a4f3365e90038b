type Schema = Readonly<Record<string, unknown>>;

/** A small value that fits a simple schema: objects, lists, texts, numbers, booleans, enums, and the first of several. Its texts are words of the prose. */
export function sampleOf(schema: unknown, prose: string): unknown {
  const words = prose.split(/\s+/u).filter((word) => word !== '');
  let taken = 0;
  const text = (): string => {
    const piece = words.slice(taken, taken + 3).join(' ');
    taken = taken + 6 < words.length ? taken + 3 : 0;
    return piece === '' ? 'word' : piece;
  };
  return sample(schema, { root: schema, text, depth: 0 });
}

interface Sampling {
  readonly root: unknown;
  readonly text: () => string;
  readonly depth: number;
}

const DEEPEST = 12;

function sample(given: unknown, { root, text, depth }: Sampling): unknown {
  if (!isSchema(given) || depth > DEEPEST) return null;
  const inner = (schema: unknown): unknown => sample(schema, { root, text, depth: depth + 1 });
  if (typeof given.$ref === 'string') return inner(pointedAt(root, given.$ref));
  if (given.const !== undefined) return given.const;
  const choices = [given.enum, given.anyOf, given.oneOf].find((list) => Array.isArray(list)) as
    readonly unknown[] | undefined;
  if (choices !== undefined) return choices === given.enum ? choices[0] : inner(choices[0]);
  switch (typeOf(given)) {
    case 'object':
      return Object.fromEntries(
        Object.entries(isSchema(given.properties) ? given.properties : {}).map(([name, schema]) => [
          name,
          inner(schema),
        ]),
      );
    case 'array':
      return Array.from({ length: numberIn(given.minItems) ?? 1 }, () => inner(given.items));
    case 'string':
      return fitted(text(), given);
    case 'integer':
    case 'number':
      return aNumber(given);
    case 'boolean':
      return true;
    default:
      return null;
  }
}

function typeOf({ type, properties, items }: Schema): unknown {
  const first: unknown = Array.isArray(type) ? type[0] : type;
  return first ?? (properties !== undefined ? 'object' : items !== undefined ? 'array' : 'string');
}

function fitted(text: string, { minLength, maxLength }: Schema): string {
  return text.padEnd(numberIn(minLength) ?? 0, '.').slice(0, numberIn(maxLength) ?? Infinity);
}

function aNumber({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): number {
  const above = numberIn(exclusiveMinimum);
  const below = numberIn(exclusiveMaximum);
  const least = Math.max(numberIn(minimum) ?? 0, above === undefined ? 0 : Math.floor(above) + 1);
  return Math.min(least, numberIn(maximum) ?? Infinity, below === undefined ? Infinity : Math.ceil(below) - 1);
}

/** The target of a local pointer, such as `#/$defs/ship`. */
function pointedAt(root: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((at, key) => (isSchema(at) && Object.hasOwn(at, key) ? at[key] : undefined), root);
}

function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
