import { createHash } from 'node:crypto';
import type { RecordedRequest } from './exchange.js';

/**
 * Where two requests differ, field by field, each as a phrase. Texts are shown by their length and a short hash: they may be
 * somebody's prompt. Only the name of the model, the method and the path are shown as they are.
 */
export function differences(recorded: RecordedRequest, sent: RecordedRequest): readonly string[] {
  return [
    ...between('method', recorded.method, sent.method),
    ...between('path', recorded.path, sent.path),
    ...between('', recorded.json, sent.json),
    ...between('body', recorded.text, sent.text),
  ];
}

function between(path: string, recorded: unknown, sent: unknown): readonly string[] {
  if (Array.isArray(recorded) && Array.isArray(sent)) return betweenFields(path, fieldsOf(recorded), fieldsOf(sent));
  if (isObject(recorded) && isObject(sent)) return betweenFields(path, recorded, sent);
  return JSON.stringify(recorded) === JSON.stringify(sent)
    ? []
    : [`${path || 'body'} (recorded: ${described(path, recorded)}; sent: ${described(path, sent)})`];
}

function betweenFields(path: string, recorded: Json, sent: Json): readonly string[] {
  const names = [...new Set([...Object.keys(recorded), ...Object.keys(sent)])];
  return names.flatMap((name) => between(fieldOf(path, name), own(recorded, name), own(sent, name)));
}

function fieldsOf(list: readonly unknown[]): Json {
  return Object.fromEntries(list.entries());
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(object: Json, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** `messages[0].content` */
function fieldOf(path: string, name: string): string {
  if (/^\d+$/.test(name)) return `${path}[${name}]`;
  return `${path}${path === '' ? '' : '.'}${name.slice(0, LONGEST_NAME)}`;
}

const LONGEST_NAME = 60;
const SHOWN_AS_THEY_ARE: ReadonlySet<string> = new Set(['method', 'path', 'model']);
const LONGEST_SHOWN = 200;

function described(path: string, value: unknown): string {
  if (value === undefined) return 'none';
  if (typeof value === 'string' && SHOWN_AS_THEY_ARE.has(path)) return value.slice(0, LONGEST_SHOWN);
  if (typeof value === 'string')
    return `${value.length} characters, ${createHash('sha256').update(value).digest('hex').slice(0, 8)}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return isObject(value) ? `an object with ${Object.keys(value).length} fields` : JSON.stringify(value);
}
