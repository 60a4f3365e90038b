import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The program of another commit, built in a folder of its own. */
export interface OtherBuild {
  /** Its commit, in short. */
  readonly commit: string;
  /** Its built program. */
  readonly cli: string;
  remove(): void;
}

/**
 * Takes a commit out of the repository and builds it with the packages that are installed here.
 * @param root the folder of the repository
 * @param ref names the commit: `HEAD~1`
 * @throws Error if there is no such commit, or if it does not build
 */
export function buildOther(root: string, ref: string): OtherBuild {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
  const commit = git('rev-parse', '--short', `${ref}^{commit}`);
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-other-'));
  const archive = join(folder, 'tree.tar');
  git('archive', '--output', archive, commit);
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  return {
    commit,
    cli: join(folder, 'dist/src/cli/main.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
