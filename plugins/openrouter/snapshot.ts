import { existsSync, readFileSync } from 'node:fs';
import { asText, parseObject } from 'scriptorium/provider';
import type { ModelInfo } from 'scriptorium/provider';
import { readModels } from './read-model.js';

/**
 * The models that the package came with, and when their figures were right (`assets/README.md`). None where the file is
 * missing, as in a bundle.
 */
export function readSnapshot(): readonly ModelInfo[] {
  // A bundler that makes CommonJS leaves it undefined.
  const here = import.meta.url as string | undefined;
  const file = here === undefined ? undefined : snapshotFile(new URL('.', here));
  const snapshot = file === undefined ? undefined : parseObject(readFileSync(file, 'utf8'));
  if (snapshot === undefined) return [];
  const asOf = Date.parse(asText(snapshot.as_of) ?? '');
  return readModels(snapshot).map((model): ModelInfo => ({
    ...model,
    source: 'snapshot',
    ...(!Number.isNaN(asOf) && { asOf }),
  }));
}

/** It lies in the package's root, which is above the sources as above what is built of them. */
function snapshotFile(folder: URL): URL | undefined {
  const file = new URL('assets/openrouter-models.json', folder);
  if (existsSync(file)) return file;
  const parent = new URL('..', folder);
  return parent.href === folder.href ? undefined : snapshotFile(parent);
}
