import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { GenerationError } from 'scriptorium';

type Dependencies = Readonly<Record<string, string>>;

interface Manifest {
  readonly name?: string;
  readonly dependencies?: Dependencies;
  readonly devDependencies?: Dependencies;
}

const PACKAGE = 'scriptorium';

/**
 * What a new package in `folder` writes to depend on this one: what the nearest package.json around it says (a `file:` path
 * being told from the new place), or the folder of this very package, which need not be on a registry.
 * @param own the folder of this package
 * @throws GenerationError `configuration` for a package.json that is no JSON
 */
export function ownSpecifier(folder: string, own: string): string {
  for (let around = dirname(folder); ; around = dirname(around)) {
    const path = join(around, 'package.json');
    if (existsSync(path)) {
      const { name, dependencies, devDependencies } = manifestAt(path);
      if (name === PACKAGE) return fileSpecifier(folder, around);
      const found = dependencies?.[PACKAGE] ?? devDependencies?.[PACKAGE];
      if (found !== undefined)
        return found.startsWith('file:') ? fileSpecifier(folder, resolve(around, found.slice('file:'.length))) : found;
    }
    if (around === dirname(around)) return fileSpecifier(folder, own);
  }
}

function manifestAt(path: string): Manifest {
  try {
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, '')) as Manifest;
  } catch (error) {
    throw new GenerationError('configuration', `${path} cannot be read: ${String(error)}`, { cause: error });
  }
}

/** With forward slashes, also where paths have others. */
function fileSpecifier(folder: string, target: string): string {
  return `file:${relative(folder, target).split(sep).join('/')}`;
}
