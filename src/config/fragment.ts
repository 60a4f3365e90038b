import { Secret } from '../core/secret.js';
import { between, flag, oneOf, text, whole } from './formats.js';
import type { Format } from './formats.js';

/** A format by its short name, as convict has them, or one of ours. */
export type FormatName =
  StringConstructor | NumberConstructor | BooleanConstructor | 'nat' | 'int' | 'port' | readonly string[];

/** One configuration key. */
export interface Entry {
  readonly doc: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- any format will do; its type is read off by `ValueOf`
  readonly format: Format<any> | FormatName;
  /** `null` where there is none; the key may then stay `null`. */
  readonly default: string | number | boolean | readonly unknown[] | null;
  /** Without a value the configuration is refused. For keys whose default is `null`. */
  readonly required?: true;
  /** Without a value of this key, or of the named one of the same section, the configuration is refused. */
  readonly requiredUnless?: string;
  /** Variables that set it beside `SCRIPTORIUM_<PATH>`. A number in one may be of another unit: it is multiplied by `scale`. */
  readonly environment?: readonly (string | { readonly name: string; readonly scale: number })[];
}

/** The keys of one section, flat. `format` and `default` cannot be names of keys. */
export type Fragment = Readonly<Record<string, Entry>>;

/** The keys of one section of the base, and of the sections in it: `retry.budget`. */
export type Section = Readonly<Record<string, Entry | Fragment>>;

/** Whether this is a key rather than a section of keys. */
export function isEntry(value: Entry | Fragment): value is Entry {
  return typeof value.doc === 'string';
}

/** The values that a fragment, or a section with sections in it, describes. */
export type ConfigOf<S extends Section> = {
  readonly [K in keyof S]: S[K] extends Entry ? ValueOf<S[K]> : S[K] extends Fragment ? ConfigOf<S[K]> : never;
};

type ValueOf<E extends Entry> =
  Read<E['format']> | (null extends E['default'] ? (E extends { readonly required: true } ? never : null) : never);

type Read<F> =
  F extends Format<infer T>
    ? T
    : F extends StringConstructor
      ? string
      : F extends BooleanConstructor
        ? boolean
        : F extends readonly (infer Choice)[]
          ? Choice
          : number;

/** The same values, those of secret keys packed so that they are not printed: whether they are right is checked later. */
export function maskSecrets(
  fragment: Fragment,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const mask = ([key, value]: [string, unknown]): [string, unknown] => {
    const entry = Object.hasOwn(fragment, key) ? fragment[key] : undefined;
    return [key, entry !== undefined && isSecret(formatOf(entry)) ? masked(value) : value];
  };
  return Object.fromEntries(Object.entries(values).map(mask));
}

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  return typeof value === 'string' ? new Secret(value) : value;
}

/** Whether values of this format are kept as a `Secret`, or as several. */
export function isSecret(format: Format<unknown>): boolean {
  return [format.read('x')].flat()[0] instanceof Secret;
}

/** The format that a short name stands for. */
export function formatOf({ format }: Entry): Format<unknown> {
  if (Array.isArray(format)) return oneOf(...(format as readonly string[]));
  switch (format) {
    case String:
      return text;
    case Boolean:
      return flag;
    case Number:
      return between(-Number.MAX_VALUE, Number.MAX_VALUE);
    case 'nat':
      return whole(0);
    case 'int':
      return whole(Number.MIN_SAFE_INTEGER);
    case 'port':
      return whole(0, 65_535);
    default:
      return format as Format<unknown>;
  }
}
