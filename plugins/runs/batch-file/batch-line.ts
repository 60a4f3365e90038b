import { GenerationError } from 'scriptorium';
import type { GenerationInput } from 'scriptorium';
import { asObject, readChatRequest } from 'scriptorium/provider';
import { messageOf } from './fs-error.js';

/** A request of a batch file. */
export interface BatchLine {
  readonly customId: string;
  /** Custom ids of the requests that must be done before. */
  readonly after: readonly string[];
  readonly input: GenerationInput;
}

const URL_PATH = '/v1/chat/completions';
/** Letters, marks, figures, punctuation, symbols and blanks. */
const ID = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]{1,100}$/u;

/**
 * Reads a line in OpenAI's format: `custom_id`, `method`, `url`, `body`. An own field `after` lists custom ids.
 * @param provider the id of the provider that further fields of the body are meant for
 * @throws GenerationError `invalid-input` whose message says what is wrong with the line
 */
export function readBatchLine(text: string, provider: string): BatchLine {
  const { custom_id: customId, method, url, body, after } = objectIn(text);
  if (!isId(customId)) throw wrong('custom_id', customId, `a text of 1 to 100 printable characters`);
  if (method !== 'POST') throw wrong('method', method, '"POST"');
  if (url !== URL_PATH) throw wrong('url', url, `"${URL_PATH}"; other endpoints are not supported`);
  if (asObject(body) === undefined) throw wrong('body', body, 'an object: the body of a chat completion');
  const { input, isStream } = readChatRequest(body, provider);
  if (isStream) throw wrong('body.stream', true, 'false or left out: the output holds whole answers');
  return { customId, after: idsIn(after), input };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  const value = asObject(parsed(text));
  if (value !== undefined) return value;
  throw invalid('it is not a JSON object');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`it is not valid JSON: ${messageOf(error)}`);
  }
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && ID.test(value);
}

function idsIn(after: unknown): readonly string[] {
  if (after == null) return [];
  if (Array.isArray(after) && after.every(isId)) return after;
  throw wrong('after', after, 'a list of custom ids');
}

const LONGEST_VALUE = 60;

function wrong(field: string, value: unknown, expected: string): GenerationError {
  if (value === undefined) return invalid(`${field} is missing; it must be ${expected}`);
  const json = JSON.stringify(value);
  const shortened = json.length > LONGEST_VALUE ? `${json.slice(0, LONGEST_VALUE)}…` : json;
  return invalid(`${field} is ${shortened}; it must be ${expected}`);
}

function invalid(problem: string): GenerationError {
  return new GenerationError('invalid-input', `${problem}.`);
}
