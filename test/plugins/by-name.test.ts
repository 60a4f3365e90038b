import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import type { Plugin } from 'scriptorium';

/** No plugin, but a kind of journal: `plugins.runs.journal` names it by its address. */
const JOURNALS = ['postgres'];
const FOLDERS = readdirSync(fileURLToPath(new URL('../../plugins', import.meta.url))).filter(
  (folder) => !JOURNALS.includes(folder),
);

describe('the plugins that come with the package', () => {
  it.each(FOLDERS)('%s can be loaded by name: its default export makes a plugin of that name', async (folder) => {
    const { default: make } = (await import(`../../plugins/${folder}/index.ts`)) as { readonly default: () => Plugin };
    expect(make()).toMatchObject({ name: folder, apiVersion: 1 });
  });

  it.each(JOURNALS)('%s opens and prepares journals by their address', async (folder) => {
    const module = (await import(`../../plugins/${folder}/index.ts`)) as Readonly<Record<string, unknown>>;
    expect([typeof module.openJournal, typeof module.migrate]).toEqual(['function', 'function']);
  });
});
