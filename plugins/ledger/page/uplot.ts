import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { ConfigError } from 'scriptorium';

/** uPlot (https://github.com/leeoniya/uPlot), MIT licence, which goes into the page with its licence. */
export interface UplotFiles {
  readonly script: string;
  readonly style: string;
  readonly licence: string;
}

/** @throws ConfigError that says what to install, if it is not there */
export async function uplotFiles(
  resolve: (path: string) => string = (path) => createRequire(import.meta.url).resolve(path),
): Promise<UplotFiles> {
  const read = async (path: string): Promise<string> => readFile(resolve(`uplot/${path}`), 'utf8');
  try {
    const [script, style, licence] = await Promise.all([
      read('dist/uPlot.iife.min.js'),
      read('dist/uPlot.min.css'),
      read('LICENSE'),
    ]);
    return { script, style, licence };
  } catch (error) {
    throw new ConfigError('The page needs the package uplot, which is not installed: npm i uplot@1.6', {
      cause: error,
    });
  }
}
