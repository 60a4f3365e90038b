import { readFileSync } from 'node:fs';
import { packageRoot, packageVersion } from '../package-root.js';
import type { Kind } from './kinds.js';

/** The package.json of a new plugin. The tools have the versions that this package was made with. */
export function manifestOf(name: string, kind: Kind, specifier: string): object {
  const { typescript, '@types/node': types, rxjs } = ownTools();
  const needsRxjs = kind === 'interceptor';
  return {
    name,
    version: '0.1.0',
    description: `${kind === 'interceptor' ? 'An' : 'A'} ${kind} for Scriptorium.`,
    type: 'module',
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist', '!dist/*.test.*'],
    scripts: { build: 'tsc', prepare: 'tsc', test: 'tsc && node --test dist/index.test.js' },
    engines: { node: '>=20.19' },
    peerDependencies: { scriptorium: `^${packageVersion()}`, ...(needsRxjs && { rxjs: '^7.8.0' }) },
    devDependencies: {
      '@types/node': `^${types}`,
      ...(needsRxjs && { rxjs: `^${rxjs}` }),
      scriptorium: specifier,
      typescript: `^${typescript}`,
    },
  };
}

interface Tools {
  readonly typescript: string;
  readonly '@types/node': string;
  readonly rxjs: string;
}

function ownTools(): Tools {
  return (JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8')) as { devDependencies: Tools })
    .devDependencies;
}
