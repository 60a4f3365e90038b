import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** `bookgen` is OpenRouter's own client, `emulator` speaks its protocol, and `cli` is a program that loads its plugin. */
const MAY_NAME_A_VENDOR = /^src\/(bookgen|emulator|cli)\/|^src\/(index|bookgen)\.ts$/;
/** Examples in doc comments call a plugin as users do. */
const EXAMPLE = /^\s*\*.*\bopenrouter\(\)/;

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !MAY_NAME_A_VENDOR.test(file));
}

describe('the framework', () => {
  it('does not know OpenRouter, which is a plugin like any other', () => {
    const named = sources('src').flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          /openrouter/i.test(line) && !EXAMPLE.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
        ),
    );
    expect(named).toEqual([]);
  });
});
