import { readFileSync } from 'node:fs';
import { packageRoot } from '../package-root.js';
import type { Kind } from './kinds.js';
import { manifestOf } from './manifest.js';

/** What the sources of the template call the plugin. */
const PLACEHOLDER = /my-plugin/g;

/** The new package's files, by their paths in it. @param specifier how it depends on this package */
export function filesOf(name: string, kind: Kind, specifier: string): Readonly<Record<string, string>> {
  const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;
  return {
    'package.json': json(manifestOf(name, kind, specifier)),
    'tsconfig.json': json({
      compilerOptions: {
        target: 'es2022',
        module: 'nodenext',
        strict: true,
        declaration: true,
        skipLibCheck: true,
        types: ['node'],
        rootDir: 'src',
        outDir: 'dist',
      },
      include: ['src'],
    }),
    'scriptorium.config.json': json({ load: [name], plugins: { [name]: {} } }),
    '.gitignore': 'node_modules/\ndist/\n',
    'src/index.ts': template(`${kind}/index.ts`).replace(PLACEHOLDER, name),
    'src/index.test.ts': template(`${kind}/index.test.ts`).replace(PLACEHOLDER, name),
    'README.md': readme(name, kind),
  };
}

function template(path: string): string {
  return readFileSync(new URL(`assets/new-plugin/${path}`, packageRoot), 'utf8');
}

function readme(name: string, kind: Kind): string {
  return `# ${name}

${kind === 'interceptor' ? 'An' : 'A'} ${kind} for Scriptorium.

    npm install
    npm test

\`src/index.ts\` is the plugin, \`src/index.test.ts\` proves that it keeps the contract of ${kind === 'interceptor' ? 'an' : 'a'} ${kind}, and \`npm install\` builds both
into \`dist\`. To try it without a key, in this folder, where \`scriptorium.config.json\` loads it by its name:

    npx scriptorium generate --demo "Begin."

In an application that has it installed:

\`\`\`json
{ "load": ["${name}"], "plugins": { "${name}": {} } }
\`\`\`

or in code, \`createPipeline({ plugins: [openrouter(), plugin()] })\` with \`import { plugin } from '${name}'\`.
`;
}
