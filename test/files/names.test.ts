import { describe, expect, it } from '@jest/globals';
import { codeOf } from '../../src/files/disk.js';
import type { Stats } from '../../src/files/disk.js';
import { freeName, freeNameSync } from '../../src/files/free-name.js';
import { targetOf } from '../../src/files/target.js';

const failing = (code: string): Error => Object.assign(new Error(code), { code });

describe('the code of a failed call', () => {
  it.each<[unknown, string | undefined]>([
    [failing('ENOENT'), 'ENOENT'],
    [{ code: 'EEXIST' }, 'EEXIST'],
    [new Error('odd'), undefined],
    [{ code: 7 }, undefined],
    ['ENOENT', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('of %p is %p', (error, code) => {
    expect(codeOf(error)).toBe(code);
  });
});

describe('a free name', () => {
  /** Takes names of which the first ones are taken. */
  function taking(taken: number, code = 'EEXIST') {
    const tried: string[] = [];
    const take = (name: string): string => {
      tried.push(name);
      if (tried.length <= taken) throw failing(code);
      return name;
    };
    return { tried, take };
  }

  it.each([
    ['a.draft', 0],
    ['a.draft.2', 1],
    ['a.draft.3', 2],
    ['a.draft.1000', 999],
  ])('is %s where %d are taken', async (name, taken) => {
    const [one, other] = [taking(taken), taking(taken)];
    expect(freeNameSync('a.draft', one.take)).toBe(name);
    expect(await freeName('a.draft', (each) => Promise.resolve().then(() => other.take(each)))).toBe(name);
    expect([one.tried.length, other.tried.length]).toEqual([taken + 1, taken + 1]);
  });

  it('is not looked for beyond a thousand, nor after another failure', async () => {
    const [many, denied] = [taking(Infinity), taking(Infinity, 'EACCES')];
    expect(() => freeNameSync('a.draft', many.take)).toThrow('EEXIST');
    expect(() => freeNameSync('a.draft', denied.take)).toThrow('EACCES');
    expect([many.tried.length, denied.tried.length]).toEqual([1_000, 1]);
    await expect(freeName('a.draft', () => Promise.reject(failing('EACCES')))).rejects.toThrow('EACCES');
  });
});

describe('the file that a path leads to', () => {
  const stats = (isLink: boolean): Stats => ({
    size: 1,
    mode: 0o600,
    isDirectory: () => false,
    isSymbolicLink: () => isLink,
  });
  /** A disk on which `/links/1` leads to `/links/2`, and so on to the last one. */
  const linked = (links: number, file = true) => ({
    lstat: (path: string): Promise<Stats> => {
      const number = Number(path.split('/').at(-1));
      if (number < links) return Promise.resolve(stats(true));
      return file ? Promise.resolve(stats(false)) : Promise.reject(failing('ENOENT'));
    },
    readlink: (path: string): Promise<string> => Promise.resolve(String(Number(path.split('/').at(-1)) + 1)),
  });

  it('is behind all links, and may not be there yet', async () => {
    expect(await targetOf('/links/1', linked(3))).toMatchObject({ path: '/links/3', stats: { size: 1 } });
    expect(await targetOf('/links/1', linked(3, false))).toEqual({ path: '/links/3', stats: undefined });
    expect(await targetOf('/links/../links/5', linked(1))).toMatchObject({ path: '/links/5' });
  });

  it('is found through forty links, and not through more', async () => {
    expect(await targetOf('/links/1', linked(41))).toMatchObject({ path: '/links/41' });
    await expect(targetOf('/links/1', linked(42))).rejects.toThrow(
      '/links/1 leads through more than 40 symbolic links',
    );
  });

  it('is not guessed where it cannot be seen', async () => {
    const denied = { ...linked(1), lstat: () => Promise.reject(failing('EACCES')) };
    await expect(targetOf('/links/1', denied)).rejects.toThrow('EACCES');
  });
});
