import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigError } from 'scriptorium';
import { ERROR_CODES, makeFolder, replaceFile } from 'scriptorium/plugin';
import type { Cassette, Exchange, RecordedChunk, RecordedEnd, RecordedResponse } from './exchange.js';

/** Replaces the file as a whole: nobody ever reads half of it. */
export async function writeCassette(file: string, cassette: Cassette): Promise<void> {
  makeFolder(dirname(file));
  await replaceFile(file, `${JSON.stringify(cassette, undefined, 2)}\n`);
}

/** @throws ConfigError where there is no file, or it holds anything but a cassette */
export async function readCassette(file: string, remedy: string): Promise<Cassette> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ConfigError(`The cassette ${file} cannot be read: ${String(error)}. ${remedy}`, { cause: error });
  });
  const cassette = parsed(text);
  if (!isObject(cassette) || cassette.cassette !== 1 || !Array.isArray(cassette.exchanges))
    throw new ConfigError(`The file ${file} holds no cassette that this version can read. ${remedy}`);
  const wrong = cassette.exchanges.findIndex((exchange) => !isExchange(exchange));
  if (wrong >= 0) throw new ConfigError(`Recording ${wrong + 1} of the cassette ${file} is not whole. ${remedy}`);
  return { cassette: 1, exchanges: cassette.exchanges as readonly Exchange[] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isExchange(value: unknown): value is Exchange {
  return (
    isObject(value) &&
    isObject(value.request) &&
    typeof value.request.method === 'string' &&
    typeof value.request.path === 'string' &&
    (value.response === undefined || isResponse(value.response)) &&
    isEnd(value.end)
  );
}

function isResponse(value: unknown): value is RecordedResponse {
  return (
    isTimed(value) &&
    Number.isInteger(value.status) &&
    isObject(value.headers) &&
    Object.values(value.headers).every((header) => typeof header === 'string') &&
    Array.isArray(value.chunks) &&
    value.chunks.every(isChunk)
  );
}

function isChunk(value: unknown): value is RecordedChunk {
  return isTimed(value) && (typeof value.text === 'string' || typeof value.base64 === 'string');
}

function isEnd(value: unknown): value is RecordedEnd {
  if (!isTimed(value)) return false;
  if (value.type !== 'error') return value.type === 'end' || value.type === 'aborted';
  const { error } = value;
  return (
    isObject(error) &&
    ERROR_CODES.some((code) => code === error.code) &&
    typeof error.message === 'string' &&
    typeof error.retryable === 'boolean'
  );
}

function isTimed(value: unknown): value is Json & { readonly atMs: number } {
  return isObject(value) && typeof value.atMs === 'number';
}
