import { SpecDigest } from '../receipt/digest.js';
import type { ItemCopy, RunCopy } from '../journal/run-copy.js';
import type { RunStatus } from '../journal/run-status.js';
import type { Line } from './read-lines.js';

const TYPE = 'scriptorium-run';
const VERSION = 1;

/** A run as lines of JSON: a heading, a line an item, and an end by which a file that was cut is noticed. */
export function* copyLines({ run, items }: RunCopy): Generator<string> {
  yield `${JSON.stringify({ type: TYPE, version: VERSION, run })}\n`;
  for (const item of items) yield `${JSON.stringify(item)}\n`;
  yield `${JSON.stringify({ type: 'end', items: items.length })}\n`;
}

/** Reads such lines. @throws RangeError that says what is wrong with them */
export async function readCopy(lines: AsyncIterable<Line>): Promise<RunCopy> {
  const values: unknown[] = [];
  for await (const line of lines) values.push(valueOf(line, values.length + 1));
  const [heading, ...rest] = values;
  const end = rest.pop();
  if (!isRecord(heading) || heading['type'] !== TYPE || !isRecord(heading['run']))
    throw new RangeError('It does not begin as a run does. Write one with: scriptorium batch export RUN --journal');
  if (heading['version'] !== VERSION)
    throw new RangeError(
      `It has version ${String(heading['version'])}, and this program knows ${VERSION}. Install a newer scriptorium.`,
    );
  if (!isRecord(end) || end['type'] !== 'end' || end['items'] !== rest.length)
    throw new RangeError('It was cut: its end is missing. Export the run again.');
  const copy: RunCopy = { run: heading['run'] as unknown as RunStatus, items: rest as readonly ItemCopy[] };
  if (digestOf(copy) !== copy.run.digest)
    throw new RangeError('Its items are not those of the run any more: the file was changed. Export the run again.');
  return copy;
}

function valueOf(line: Line, number: number): unknown {
  try {
    return JSON.parse(line ?? '');
  } catch {
    throw new RangeError(`Line ${number} is not valid JSON. Export the run again.`);
  }
}

function digestOf({ items }: RunCopy): string {
  const digest = new SpecDigest();
  for (const { item, after, input, data } of items) digest.add({ id: item, after, input, data });
  return digest.end();
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
