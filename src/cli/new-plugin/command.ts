import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import type { Command } from 'commander';
import { GenerationError } from 'scriptorium';
import { shown, shownJson } from '../../shown/shown-text.js';
import { freeNameSync } from '../../files/free-name.js';
import { makeFolder } from '../../files/make-folder.js';
import { EXIT } from '../exit-codes.js';
import { packageRoot } from '../package-root.js';
import { lines, print, say } from '../say.js';
import type { Shell } from '../shell.js';
import { checkName } from './check-name.js';
import { ownSpecifier } from './dependency.js';
import { filesOf } from './files.js';
import { KINDS } from './kinds.js';
import type { Kind } from './kinds.js';

/** `scriptorium plugin new NAME`: a small plugin of its own package, that passes its tests as it stands. */
export function addPlugin(program: Command, shell: Shell): void {
  program
    .command('plugin')
    .description('begin a plugin of your own: plugin new <name>')
    .command('new')
    .description('write a small, tested plugin package into a new folder of this name')
    .argument('<name>', 'lower-case letters, digits and dashes')
    .addOption(new Option('--kind <kind>', 'what it adds').choices(KINDS).default('sink'))
    .option('--json', 'print one JSON object')
    .action((name: string, options: { readonly kind: Kind; readonly json?: true }) => {
      shell.exitWith(writePlugin(name, options, shell));
    });
}

function writePlugin(
  name: string,
  { kind, json }: { readonly kind: Kind; readonly json?: true },
  shell: Shell,
): number {
  checkName(name);
  const folder = resolve(shell.folder, name);
  if (existsSync(folder))
    throw new GenerationError('invalid-input', `There is already a ${folder}; take another name, or remove it.`);
  const files = filesOf(name, kind, ownSpecifier(folder, fileURLToPath(packageRoot)));
  writeFolder(folder, files);
  if (json === true) {
    print(shell.stdout, lines(shownJson({ name, kind, folder, files: Object.keys(files) })));
    return EXIT.ok;
  }
  say(
    shell.stdout,
    shown`The ${kind} "${name}" is in ${folder}. To go on:\n\n    cd ${name}\n    npm install\n    npm test\n    npx scriptorium generate --demo "Begin."\n`,
  );
  return EXIT.ok;
}

/** Writes a folder beside its place and renames it: it is there with all its files, or not at all. */
function writeFolder(folder: string, files: Readonly<Record<string, string>>): void {
  makeFolder(dirname(folder));
  const draft = freeNameSync(`${folder}.draft`, (name) => {
    mkdirSync(name);
    return name;
  });
  try {
    for (const [path, text] of Object.entries(files)) {
      makeFolder(dirname(join(draft, path)));
      writeFileSync(join(draft, path), text);
    }
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}
