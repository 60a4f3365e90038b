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
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { disk } from '../../src/files/disk.js';
import type { Disk } from '../../src/files/disk.js';
import { draftFile, FileExistsError } from '../../src/files/draft-file.js';
import type { DraftMode } from '../../src/files/draft-file.js';
import { dyingDisk, failingDisk } from './disks.js';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function aFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** The files of a folder with their contents. */
const filesOf = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

const open = (folder: string, mode: DraftMode, on: Disk = disk) =>
  draftFile(join(folder, 'book.txt'), { mode, suffix: '.partial', disk: on });

const text = (content: string): Buffer => Buffer.from(content);

/** Writes a text in two pieces. */
async function write(folder: string, mode: DraftMode, on?: Disk): Promise<void> {
  const draft = await open(folder, mode, on);
  await draft.append(text('new '));
  await draft.append(text('text\n'));
  await draft.finish();
}

const OLD = 'An older text.\n';
const CASES = [
  ['new', {}, 'new text\n'],
  ['new', { 'book.txt': '' }, 'new text\n'],
  ['replace', {}, 'new text\n'],
  ['replace', { 'book.txt': OLD }, 'new text\n'],
  ['append', {}, 'new text\n'],
  ['append', { 'book.txt': OLD }, `${OLD}new text\n`],
] as const;

describe('a draft', () => {
  it.each(CASES)('in mode "%s" beside %j puts the whole text in its place and leaves nothing else', async (...args) => {
    const [mode, files, whole] = args;
    const folder = aFolder(files);
    await write(folder, mode);
    expect(filesOf(folder)).toEqual({ 'book.txt': whole });
  });

  it.each(CASES)(
    'in mode "%s" beside %j leaves the old file or the whole one, whichever call a kill precedes',
    async (...args) => {
      const [mode, files, whole] = args;
      const old = (files as Readonly<Record<string, string>>)['book.txt'];
      const states: { readonly file: string | undefined; readonly isKept: boolean }[] = [];
      for (let at = 0, isDead = true; isDead; at += 1) {
        const folder = aFolder(files);
        const dying = dyingDisk(at);
        await write(folder, mode, dying).catch(() => undefined);
        isDead = dying.hasFailed();
        await dying.closeFiles();
        const { 'book.txt': file, 'book.txt.partial': partial } = filesOf(folder);
        states.push({ file, isKept: file === whole || partial === 'new text\n' });
      }
      expect(states.filter(({ file }) => file !== old && file !== whole)).toEqual([]);
      expect(states.at(-1)).toEqual({ file: whole, isKept: true });
      // Once the text has been written it is never lost.
      expect(states.slice(states.findIndex(({ isKept }) => isKept)).filter(({ isKept }) => !isKept)).toEqual([]);
    },
  );

  it.each(CASES)('in mode "%s" beside %j is kept, whichever call fails for want of space', async (...args) => {
    const [mode, files, whole] = args;
    const old = (files as Readonly<Record<string, string>>)['book.txt'];
    for (let at = 0, isFailing = true; isFailing; at += 1) {
      const folder = aFolder(files);
      const failing = failingDisk(at);
      const draft = await open(folder, mode, failing).catch(() => undefined);
      if (draft === undefined) {
        expect({ at, hasFailed: failing.hasFailed(), files: filesOf(folder) }).toEqual({ at, hasFailed: true, files });
        await failing.closeFiles();
        continue;
      }
      const pieces: string[] = [];
      const isDone = await (async () => {
        for (const piece of ['new ', 'text\n']) {
          await draft.append(text(piece));
          pieces.push(piece);
        }
        await draft.finish();
      })().then(
        () => true,
        () => false,
      );
      isFailing = failing.hasFailed();
      if (!isDone) await draft.keep();
      await failing.closeFiles();
      const { 'book.txt': file, 'book.txt.partial': partial = '', ...others } = filesOf(folder);
      expect({ at, file: isDone ? file : (file ?? old), others }).toEqual({
        at,
        file: isDone ? whole : old,
        others: {},
      });
      if (!isDone) expect(partial).toBe(pieces.join(''));
    }
  });

  it('of a new file is refused where there is a finished one, and nothing is written', async () => {
    const folder = aFolder({ 'book.txt': OLD });
    await expect(open(folder, 'new')).rejects.toBeInstanceOf(FileExistsError);
    expect(filesOf(folder)).toEqual({ 'book.txt': OLD });
  });

  it('of a new file does not replace one that came into being since', async () => {
    const folder = aFolder();
    const drafts = await Promise.all([open(folder, 'new'), open(folder, 'new')]);
    for (const [index, draft] of drafts.entries()) await draft.append(text(`${index}`));
    const endings = await Promise.allSettled(drafts.map((draft) => draft.finish()));
    expect(endings.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [first] = endings;
    expect(filesOf(folder)).toEqual(
      first?.status === 'fulfilled'
        ? { 'book.txt': '0', [drafts[1].path.slice(folder.length + 1)]: '1' }
        : { 'book.txt': '1', [drafts[0].path.slice(folder.length + 1)]: '0' },
    );
  });

  it('never takes the name of another one', async () => {
    const folder = aFolder({ 'book.txt.partial': 'cut', 'book.txt.partial.2': 'cut too' });
    await (await open(folder, 'new')).append(text('new'));
    expect(filesOf(folder)).toEqual({
      'book.txt.partial': 'cut',
      'book.txt.partial.2': 'cut too',
      'book.txt.partial.3': 'new',
    });
  });

  it('that is empty is not kept', async () => {
    const folder = aFolder();
    const draft = await open(folder, 'new');
    await draft.append(text('void'));
    await draft.empty();
    expect({ isKept: await draft.keep(), files: filesOf(folder) }).toEqual({ isKept: false, files: {} });
  });

  it('begins again at its start after it was emptied', async () => {
    const folder = aFolder();
    const draft = await open(folder, 'new');
    await draft.append(text('void'));
    await draft.empty();
    await draft.append(text('new'));
    await draft.finish();
    expect(filesOf(folder)).toEqual({ 'book.txt': 'new' });
  });

  it.each(['replace', 'append'] as const)('in mode "%s" keeps the permissions, and has them itself', async (mode) => {
    const folder = aFolder({ 'book.txt': OLD });
    chmodSync(join(folder, 'book.txt'), 0o640);
    const draft = await open(folder, mode);
    await draft.append(text('new'));
    const ofDraft = statSync(draft.path).mode & 0o777;
    await draft.finish();
    expect({ ofDraft, after: statSync(join(folder, 'book.txt')).mode & 0o777 }).toEqual({
      ofDraft: 0o640,
      after: 0o640,
    });
  });

  it.each([
    ['a file', { 'real.txt': OLD }],
    ['a file that is not there yet', {}],
  ])('follows a link to %s and is beside that', async (_, files) => {
    const folder = aFolder();
    const there = aFolder(files);
    symlinkSync(join(there, 'real.txt'), join(folder, 'middle'));
    symlinkSync('middle', join(folder, 'book.txt'));
    const draft = await open(folder, 'replace');
    await draft.append(text('new'));
    expect(draft.path).toBe(join(there, 'real.txt.partial'));
    await draft.finish();
    expect(filesOf(there)).toEqual({ 'real.txt': 'new' });
    expect(lstatSync(join(folder, 'book.txt')).isSymbolicLink()).toBe(true);
  });

  it.each(['new', 'replace', 'append'] as const)('in mode "%s" is refused for a folder', async (mode) => {
    const folder = aFolder();
    mkdirSync(join(folder, 'book.txt'));
    await expect(open(folder, mode)).rejects.toThrow('book.txt is a folder');
    expect(readdirSync(folder)).toEqual(['book.txt']);
  });

  it('is refused for links that lead in a circle', async () => {
    const folder = aFolder();
    symlinkSync('book.txt', join(folder, 'book.txt'));
    await expect(open(folder, 'replace')).rejects.toThrow('more than 40 symbolic links');
  });

  it('does not replace a file that has come meanwhile where the file system has no links', async () => {
    const folder = aFolder();
    const link = (): Promise<void> => {
      // Another program is faster.
      writeFileSync(join(folder, 'book.txt'), 'theirs');
      return Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }));
    };
    await expect(write(folder, 'new', { ...disk, link })).rejects.toThrow(FileExistsError);
    expect(readFileSync(join(folder, 'book.txt'), 'utf8')).toBe('theirs');
  });

  it('takes its place without a link where the file system has none', async () => {
    const folder = aFolder();
    const link = () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }));
    await write(folder, 'new', { ...disk, link });
    expect(filesOf(folder)).toEqual({ 'book.txt': 'new text\n' });
  });
});
