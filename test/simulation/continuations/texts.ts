import type { Random } from '../../../src/core/clock.js';
import { wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { TEXTS } from '../../chain/continue/splice/texts.js';

const FURTHER: Readonly<Record<string, string>> = {
  numbers: Array.from({ length: 60 }, (_, index) => `${index * 37} + ${index % 7} = ${index * 37 + (index % 7)}`).join(
    '; ',
  ),
  dialogue:
    '"Where were you?" she asked.\n\n"At sea," he said. "Where else?"\n\n"Where were you?" she asked again.\n\n"At sea," he said. "I told you so. At sea, and at sea."\n\n"And the lamp?"\n\n"The lamp was lit."',
  ingredients:
    'Ingredients for four:\n1 pound of flour\n2 eggs\n1 cup of milk\n\nMethod:\n1. Mix the flour and the milk.\n2. Add the eggs:\n   - first one,\n   - then the other.\n3. Bake it for an hour, or for two.',
  refrain: `${'Row, row, row your boat,\nGently down the stream;\nMerrily, merrily, merrily, merrily,\nLife is but a dream.\n\n'.repeat(2)}Row, row, row no more.`,
};

/** Kinds of texts, by script and shape. */
export const KINDS: Readonly<Record<string, string>> = { ...TEXTS, ...FURTHER };

/** A text of one kind, or of two kinds one after the other. */
export function aText(random: Random): string {
  const texts = Object.values(KINDS);
  const one = (): string => texts[wholeNumber(random, 0, texts.length - 1)] ?? '';
  return random() < 0.5 ? one() : `${one()}\n\n${one()}`;
}
