import { GenerationError } from 'scriptorium';
import type { CheckedInput } from 'scriptorium';
import { didYouMean } from 'scriptorium/plugin';
import { RunError } from '../journal/run-error.js';
import type { ItemInput, ItemSpec, RunLimits, RunSpec } from '../journal/run-spec.js';
import type { BatchItem, BatchOptions } from './batch-options.js';
import { checkAfter } from './check-after.js';
import type { KnownModels } from './known-models.js';
import type { ModelsPipeline } from './known-models.js';
import { hashOf, notJsonIn } from './plain-json.js';

/** An item with its id and its predecessors. */
interface NamedItem {
  readonly id: string;
  readonly after: readonly string[];
  readonly input: BatchItem['input'];
  readonly data: unknown;
}

/** The options of a batch that become part of its run. */
export interface SpecOptions extends Pick<BatchOptions, 'name' | 'labels' | 'data'> {
  readonly limits: RunLimits;
}

/** Dependencies of `makeSpec`. */
export interface SpecParts {
  readonly pipeline: ModelsPipeline;
  readonly models: KnownModels;
}

/**
 * Makes a run of items: checks them all, fills in the pipeline's defaults, and asks each vendor once for its models. No
 * generation is sent.
 * @throws RunError `invalid-spec` with the item, the field and what is expected
 */
export async function makeSpec(
  items: readonly BatchItem[],
  { limits, ...options }: SpecOptions,
  parts: SpecParts,
): Promise<RunSpec> {
  const named = namedItems(items);
  checkAfter(named);
  const labels = checkedLabels(options.labels ?? {});
  assertJson(options.data, 'data');
  const hash = hashOf(named);
  const { name = hash.slice(0, DIGITS_OF_NAME) } = options;
  if (!isName(name)) throw wrong(`The name of the run is ${JSON.stringify(name)}, but must be ${NAME}.`);
  const specs: ItemSpec[] = [];
  for (const item of named) specs.push(await specOf(item, parts));
  return { name, items: specs, hash, labels, limits, ...(options.data !== undefined && { data: options.data }) };
}

const DIGITS_OF_NAME = 12;
const NAME = '1 to 100 printable characters';
const FIELDS = ['id', 'after', 'input', 'data'];

/** Fields of an input that the run itself sets. */
const OWN_FIELDS = {
  id: 'The run makes the ids of generations; name the item with its own id',
  continueFrom: 'A run keeps the text of its items itself',
  signal: 'A signal cannot be kept; pass it to the batch, or cancel the item',
  context: 'A context cannot be kept',
} as const;

function namedItems(items: readonly BatchItem[]): readonly NamedItem[] {
  if (!Array.isArray(items) || items.length === 0) throw wrong('A run needs at least one item.');
  const named = items.map(namedItem);
  const places = new Map<string, number>();
  for (const [index, { id }] of named.entries()) {
    const first = places.get(id);
    if (first !== undefined) throw wrong(`Items ${first + 1} and ${index + 1} have the same id "${id}".`);
    places.set(id, index);
  }
  return named;
}

function namedItem(item: BatchItem, index: number): NamedItem {
  const place = `Item ${index + 1}`;
  if (!isObject(item) || !isObject(item.input))
    throw wrong(`${place} must be an object with an input: { input: { prompt } }.`);
  const { id = String(index + 1), after = [], input, data } = item;
  if (!isName(id)) throw wrong(`${place} has the id ${JSON.stringify(id)}, but it must be ${NAME}.`);
  const stranger = Object.keys(item).find((field) => !FIELDS.includes(field));
  if (stranger !== undefined) throw wrong(`Item "${id}" has no field "${stranger}".${didYouMean(stranger, FIELDS)}`);
  if (!Array.isArray(after) || !after.every((other) => typeof other === 'string'))
    throw wrong(`Item "${id}": after must be a list of ids.`);
  for (const [field, remedy] of Object.entries(OWN_FIELDS))
    if (input[field as keyof typeof OWN_FIELDS] !== undefined)
      throw wrong(`Item "${id}" has input.${field}. ${remedy}.`);
  assertJson(input, `Item "${id}": input`);
  assertJson(data, `Item "${id}": data`);
  return { id, after, input, data };
}

async function specOf(item: NamedItem, { pipeline, models }: SpecParts): Promise<ItemSpec> {
  const { id, after, data } = item;
  const before = checked(item, pipeline);
  const { provider, model } = before.input;
  const areNew = await models.load(before.input);
  const problem = await models.problemOf(provider, model);
  if (problem !== undefined) throw wrong(`Item "${id}": ${problem}`);
  // Once the catalogues are loaded, the price may be known.
  const { input, isPriceKnown } = areNew ? checked(item, pipeline) : before;
  return { id, after, input: kept(input), isPriced: isPriceKnown, ...(data !== undefined && { data }) };
}

function checked({ id, input }: NamedItem, pipeline: ModelsPipeline): CheckedInput {
  try {
    return pipeline.check(input);
  } catch (error) {
    if (!GenerationError.is(error)) throw error;
    throw new RunError('invalid-spec', `Item "${id}": ${error.message}`, { cause: error });
  }
}

/** Only a stream can be resumed, and only what is resumed loses no word. */
function kept({ id, signal, context, continueFrom, ...input }: CheckedInput['input']): ItemInput {
  const { overrides } = input;
  const continuity = { ...overrides?.continuity, onBreak: 'resume' } as const;
  return { ...input, wire: 'sse', overrides: { ...overrides, continuity } };
}

function checkedLabels(labels: unknown): Readonly<Record<string, string>> {
  if (isObject(labels) && Object.values(labels).every((value) => typeof value === 'string'))
    return labels as Readonly<Record<string, string>>;
  throw wrong('labels must be an object whose values are texts: { book: "ada" }.');
}

function assertJson(value: unknown, path: string): void {
  if (value === undefined) return;
  const bad = notJsonIn(value, path);
  if (bad !== undefined)
    throw wrong(`${bad.path} is ${bad.found}, which a run cannot keep. Pass data that can be written as JSON.`);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]{1,100}$/u.test(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(message: string): RunError {
  return new RunError('invalid-spec', message);
}
