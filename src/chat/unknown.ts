import type { Warning } from '../core/events.js';
import { cutText } from '../core/outside/text.js';
import { asText } from './json.js';
import type { Json } from './json.js';
import type { ReadFields } from './read-fields.js';

/** At most so many are named, each so long. */
const MOST_NAMED = 5;
const LONGEST_NAME = 60;

/** Kinds of events that say nothing: they keep a connection alive. */
const SILENT: ReadonlySet<string> = new Set(['ping', 'heartbeat', 'keepalive', 'keep-alive']);

/** The parts of one answer that may be content, and that are of no known kind. They are kept as they came, and named once. */
export class Unknown {
  private readonly names = new Set<string>();

  get isEmpty(): boolean {
    return this.names.size === 0;
  }

  /** Whether a chunk is an event of another kind than those of chat completions. */
  isEvent({ choices, usage, error, object, type }: Json): boolean {
    if (choices != null || usage != null || error != null) return false;
    const kind = asText(type) ?? asText(object);
    if (kind === undefined || SILENT.has(kind) || /^(chat|text).?completion/.test(kind)) return false;
    this.name(`the event "${kind}"`);
    return true;
  }

  /** A field that is not read, with something in it. */
  nameField(key: string, value: unknown, { level, kept }: ReadFields): void {
    if (level !== undefined && !kept.has(key) && !isBlank(value)) this.name(`"${key}" in a ${level}`);
  }

  nameChoice(index: unknown): void {
    this.name(`choice ${typeof index === 'number' ? index : 'without a number'}`);
  }

  /** A part of any other kind. */
  name(words: string): void {
    if (this.names.size < MOST_NAMED) this.names.add(cutText(words.replaceAll(/\s+/g, ' '), LONGEST_NAME));
  }

  /** The parts in words. */
  toString(): string {
    return [...this.names].join(', ');
  }
}

/** The warning for what was kept, once an answer. */
export function keptAsItCame(provider: string, unknown: Unknown): Warning {
  return {
    type: 'warning',
    about: 'dialect',
    message: `"${provider}" sent what Scriptorium does not know: ${String(unknown)}. The result has it as it came (providerMetadata, reasoningDetails).`,
  };
}

function isBlank(value: unknown): boolean {
  return (
    value === '' || value === false || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}
