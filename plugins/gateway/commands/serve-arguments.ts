import { parseArgs } from 'node:util';
import { GenerationError } from 'scriptorium';

/** The options of `scriptorium serve`. */
export interface ServeArguments {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly allowHosts: readonly string[];
  readonly isForBookGen: boolean;
  readonly wantsHelp: boolean;
}

const OPTIONS = {
  host: { type: 'string' },
  port: { type: 'string', short: 'p' },
  for: { type: 'string' },
  'allow-host': { type: 'string', multiple: true, default: [] as string[] },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @throws GenerationError `invalid-input` that names the option and its right values */
export function serveArguments(args: readonly string[]): ServeArguments {
  const { host, port, for: client, 'allow-host': allowHosts, help } = parsed(args);
  if (client !== undefined && client !== 'bookgen') throw wrong(`--for is "${client}", but must be bookgen.`);
  if (host === '') throw wrong('--host is empty, but must be an address such as 127.0.0.1.');
  return {
    host,
    port: port === undefined ? undefined : portOf(port),
    allowHosts,
    isForBookGen: client === 'bookgen',
    wantsHelp: help,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw wrong(`--port is "${text}", but must be a whole number from 0 to 65535.`);
}

function wrong(message: string): GenerationError {
  return new GenerationError('invalid-input', `serve: ${message}`);
}
