import { parseArgs } from 'node:util';

/** Reads the command line. Every option takes a text; its preset is the default. @throws TypeError for an unknown option */
export function readOptions<Name extends string>(
  presets: Readonly<Record<Name, string>>,
): Readonly<Record<Name, string>> {
  const options = Object.fromEntries(Object.keys(presets).map((name) => [name, { type: 'string' as const }]));
  return { ...presets, ...(parseArgs({ options }).values as Partial<Record<Name, string>>) };
}

/** Reads the command line of a program whose options are all numbers. Not a number is NaN. */
export function readNumbers<Name extends string>(
  presets: Readonly<Record<Name, string>>,
): Readonly<Record<Name, number>> {
  const entries = Object.entries<string>(readOptions(presets)).map(([name, value]) => [name, Number(value)]);
  return Object.fromEntries(entries) as Record<Name, number>;
}
