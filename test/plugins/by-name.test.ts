import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import type { Plugin } from 'scriptorium';

const FOLDERS = readdirSync(fileURLToPath(new URL('../../plugins', import.meta.url)));

describe('the plugins that come with the package', () => {
  it.each(FOLDERS)('%s can be loaded by name: its default export makes a plugin of that name', async (folder) => {
    const { default: make } = (await import(`../../plugins/${folder}/index.ts`)) as { readonly default: () => Plugin };
    expect(make()).toMatchObject({ name: folder, apiVersion: 1 });
  });
});
