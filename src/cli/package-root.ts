import { existsSync, readFileSync } from 'node:fs';

/** The folder that holds package.json, from the sources as from the built package. */
export const packageRoot: URL = findRoot(new URL('.', import.meta.url));

/** The package's version, as package.json has it. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8')) as { version: string }).version;
}

function findRoot(folder: URL): URL {
  return existsSync(new URL('package.json', folder)) ? folder : findRoot(new URL('..', folder));
}
