import { InvalidArgumentError, Option } from 'commander';
import { PROVIDER_NAMES } from './providers/vendors.js';

const UNITS: Readonly<Record<string, number>> = { k: 1e3, m: 1e6 };

/** Reads an option's value as a number of at least 0. `32k` is 32,000, `1.5M` is 1,500,000. */
export function number(value: string): number {
  const [, digits = '', unit = ''] = /^\s*(\S*?\d\.?)([kKmM]?)\s*$/.exec(value) ?? [];
  const parsed = digits === '' ? Number.NaN : Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
  if (!(parsed >= 0)) throw new InvalidArgumentError('It must be a number of at least 0, such as 800, 32k or 1.5M.');
  return Number(parsed.toPrecision(12));
}

/** Reads a TCP port; 0 stands for a free one. */
export function port(value: string): number {
  const parsed = number(value);
  if (!Number.isInteger(parsed) || parsed > 65_535)
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return parsed;
}

/** Gathers `--label book=ada --label chapter=3` into one object. */
export function label(value: string, labels: Record<string, string> = {}): Record<string, string> {
  const split = value.indexOf('=');
  if (split < 1) throw new InvalidArgumentError('It must look like book=ada.');
  return { ...labels, [value.slice(0, split)]: value.slice(split + 1) };
}

export function configOption(): Option {
  return new Option('-c, --config <path>', 'configuration file (default: scriptorium.config.json, if there is one)');
}

export function demoOption(): Option {
  return new Option('--demo', 'let the emulator recite Moby-Dick; needs no key');
}

export function providerOption(): Option {
  return new Option(
    '--provider <name>',
    `${PROVIDER_NAMES.join(', ')}, or one that the configuration loads (default: by the model and the keys)`,
  );
}

export function modelOption(): Option {
  return new Option(
    '-m, --model <id>',
    'model, such as qwen/qwen3-32b, ollama/llama3.2 or anthropic/claude-sonnet-4-5',
  );
}
