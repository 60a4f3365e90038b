import type { Facts } from './facts.js';
import type { LiveGeneration } from './live-generation.js';
import { TAIL } from './written-text.js';

/** The changes of one row since a viewer's last batch. */
export interface RowPatch {
  readonly id: string;
  readonly facts?: Facts;
  /** The end of the text, in place of what was there. */
  readonly text?: string;
  /** The text to add to the end. */
  readonly add?: string;
  readonly words?: number;
  /** Characters a second. */
  readonly pace?: number;
}

/** The state of a row that a viewer has been sent. */
export interface SentRow {
  readonly facts: Facts;
  readonly taken: number;
  readonly epoch: number;
  readonly pace: number;
}

/** The state that a viewer knows after a patch. */
export function sentRow({ facts, text: { taken, epoch }, pace }: LiveGeneration): SentRow {
  return { facts, taken, epoch, pace: Math.round(pace) };
}

/** The changes since a viewer's last batch, or undefined if there are none. */
export function rowPatch(generation: LiveGeneration, sent: SentRow | undefined): RowPatch | undefined {
  const { facts, text } = generation;
  const pace = Math.round(generation.pace);
  const isTextNew = sent?.taken !== text.taken || sent.epoch !== text.epoch;
  if (sent?.facts === facts && !isTextNew && sent.pace === pace) return undefined;
  return {
    id: facts.id,
    ...(sent?.facts !== facts && { facts }),
    ...(isTextNew && { ...textPatch(generation, sent), words: text.words }),
    ...(sent?.pace !== pace && { pace }),
  };
}

function textPatch({ text }: LiveGeneration, sent: SentRow | undefined): Pick<RowPatch, 'text' | 'add'> {
  const added = text.taken - (sent?.taken ?? 0);
  return sent?.epoch !== text.epoch || added > TAIL ? { text: text.tail } : { add: text.last(added) };
}
