import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CORPUS = join('assets', 'moby-dick.txt');

/**
 * The extract from Moby-Dick that the emulator recites and its n-gram model is trained on (`assets/README.md` names its origin).
 * It lies in the package's root, which is found from this module upwards: as TypeScript and as built file alike.
 */
export function readCorpus(): string {
  return readFileSync(join(packageRoot(dirname(fileURLToPath(import.meta.url))), CORPUS), 'utf8');
}

function packageRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder)
    throw new Error(`No package.json above ${fileURLToPath(import.meta.url)}; ${CORPUS} is looked for beside it`);
  return packageRoot(parent);
}
