import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { replaceFile, replaceFileOn, replaceFileSync } from '../../src/files/whole-file.js';
import { dyingDisk, failingDisk } from './disks.js';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function aFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const filesOf = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

describe('a file that is replaced', () => {
  it('is the old one or the new one, whichever call a kill precedes', async () => {
    const files: (string | undefined)[] = [];
    for (let at = 0, isDead = true; isDead; at += 1) {
      const folder = aFolder({ 'page.html': 'old' });
      const dying = dyingDisk(at);
      await replaceFileOn(dying, join(folder, 'page.html'), 'a new page').catch(() => undefined);
      isDead = dying.hasFailed();
      await dying.closeFiles();
      files.push(filesOf(folder)['page.html']);
    }
    expect(new Set(files)).toEqual(new Set(['old', 'a new page']));
    expect(files.at(-1)).toBe('a new page');
  });

  it('is the old one, with nothing beside it, where a call fails', async () => {
    for (let at = 0, isFailing = true; isFailing; at += 1) {
      const folder = aFolder({ 'page.html': 'old' });
      const failing = failingDisk(at);
      const isDone = await replaceFileOn(failing, join(folder, 'page.html'), 'new').then(
        () => true,
        () => false,
      );
      isFailing = failing.hasFailed();
      await failing.closeFiles();
      const files = filesOf(folder);
      expect({ at, file: files['page.html'] }).toEqual({ at, file: isDone ? 'new' : 'old' });
      expect(Object.keys(files)).toEqual(['page.html']);
    }
  });

  it('may be /dev/null', async () => {
    await replaceFile('/dev/null', 'nothing');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

describe('a file that is replaced at once', () => {
  it('keeps its permissions, and a link to it stays one', () => {
    const folder = aFolder({ 'real.json': '{}' });
    chmodSync(join(folder, 'real.json'), 0o640);
    symlinkSync('real.json', join(folder, 'state.json'));
    replaceFileSync(join(folder, 'state.json'), '{"a":1}', 0o600);
    expect({
      files: filesOf(folder),
      mode: statSync(join(folder, 'real.json')).mode & 0o777,
      isLink: lstatSync(join(folder, 'state.json')).isSymbolicLink(),
    }).toEqual({ files: { 'real.json': '{"a":1}', 'state.json': '{"a":1}' }, mode: 0o640, isLink: true });
  });

  it('has the given permissions where it is new', () => {
    const folder = aFolder();
    replaceFileSync(join(folder, 'state.json'), '{}', 0o600);
    expect(statSync(join(folder, 'state.json')).mode & 0o777).toBe(0o600);
  });

  it('is written over the draft of a process that was killed a while ago', () => {
    const folder = aFolder({ 'state.json': 'old', 'state.json.draft': 'half' });
    const { mtimeMs } = statSync(join(folder, 'state.json'));
    utimesSync(join(folder, 'state.json.draft'), 0, (mtimeMs - 61_000) / 1_000);
    replaceFileSync(join(folder, 'state.json'), 'new', 0o600);
    expect(filesOf(folder)).toEqual({ 'state.json': 'new' });
  });

  it('leaves the draft of another that writes it at the same time', () => {
    const folder = aFolder({ 'state.json': 'old', 'state.json.draft': 'half' });
    replaceFileSync(join(folder, 'state.json'), 'new', 0o600);
    expect(filesOf(folder)).toEqual({ 'state.json': 'new', 'state.json.draft': 'half' });
  });

  it.each([
    ['a folder', 'folder'],
    ['a device', '/dev/null'],
  ])('cannot be %s, and leaves nothing beside it', (_, name) => {
    const folder = aFolder();
    mkdirSync(join(folder, 'folder'));
    const path = name.startsWith('/') ? name : join(folder, name);
    expect(() => replaceFileSync(path, 'new', 0o600)).toThrow(`${path} is not a file`);
    expect({ folder: readdirSync(folder), isDevice: statSync('/dev/null').isCharacterDevice() }).toEqual({
      folder: ['folder'],
      isDevice: true,
    });
  });
});
