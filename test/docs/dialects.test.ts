import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { dialectTable, endingTable } from '../chat/dialects/table.js';

const PAGE = 'docs/dialects.md';

it.each([
  ['dialects', dialectTable()],
  ['endings', endingTable()],
])('docs/dialects.md has the table of %s', (name, table) => {
  const shown = readFileSync(PAGE, 'utf8');
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const right = shown.replace(new RegExp(`${open}[^]*${close}`), () => `${open}\n${table}${close}`);
  if (process.env.UPDATE_DOCS === '1') writeFileSync(PAGE, right);
  else expect(shown).toBe(right);
  expect(right).toContain(table);
});
