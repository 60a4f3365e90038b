import { ENDINGS } from './endings.js';
import { OPENROUTER_FIXTURES, ANTHROPIC_FIXTURES } from './gateways.js';
import { OTHER_FIXTURES } from './others.js';
import { PRESET_FIXTURES } from './presets.js';
import type { Fixture } from './fixture.js';

/** All answers of the table, in its order. */
export const FIXTURES: readonly Fixture[] = [
  ...PRESET_FIXTURES,
  ...OTHER_FIXTURES,
  ...OPENROUTER_FIXTURES,
  ...ANTHROPIC_FIXTURES,
];

/** Whose answer it is: the preset and, if it is another, the vendor. */
export function nameOf({ server, vendor }: Fixture): string {
  return vendor === undefined ? `\`${server}\`` : `${vendor} (\`${server}\`)`;
}

/** The table of docs/dialects.md. */
export function dialectTable(): string {
  return rowsOf(
    ['server', 'says', 'comes out as'],
    FIXTURES.map((fixture) => [nameOf(fixture), fixture.title, fixture.comesOut]),
  );
}

/** The table of words for the end of an answer. */
export function endingTable(): string {
  const meanings = ['stop', 'length', 'content-filter', 'tool-calls', 'other', 'error'] as const;
  return rowsOf(
    ['vendor', ...meanings.map((meaning) => (meaning === 'error' ? 'an error' : `\`${meaning}\``))],
    ENDINGS.map(({ vendor, words }) => [
      vendor,
      ...meanings.map((meaning) => (words[meaning] ?? []).map((word) => `\`${word}\``).join(' ')),
    ]),
  );
}

function rowsOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`).join('');
}
