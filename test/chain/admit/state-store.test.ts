import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fileStateStore, memoryStateStore } from '../../../src/chain/admit/state-store.js';
import { ConfigError } from '../../../src/core/errors/classes.js';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function aPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-state-'));
  folders.push(folder);
  return join(folder, 'deep', 'er', 'state.json');
}

describe('the file state store', () => {
  it('is empty at first, and creates no file', () => {
    const path = aPath();
    expect(fileStateStore(path).get('a/day')).toBeUndefined();
    expect(existsSync(dirname(path))).toBe(false);
  });

  it('keeps JSON values across instances, in a file that only its owner can read', () => {
    const path = aPath();
    fileStateStore(path).set('a/day', { day: 20_454, count: 3 });
    fileStateStore(path).set('a/paused-until', 5);
    fileStateStore(path).set('a/day', { day: 20_454, count: 4 });
    const store = fileStateStore(path);
    expect([store.get('a/day'), store.get('a/paused-until'), store.get('b/day')]).toEqual([
      { day: 20_454, count: 4 },
      5,
      undefined,
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("shows two alternating instances each other's values, and loses none", () => {
    const path = aPath();
    const [one, two] = [fileStateStore(path), fileStateStore(path)];
    for (let round = 0; round < 20; round += 1) {
      for (const store of [one, two]) store.set('count', Number(store.get('count') ?? 0) + 1);
    }
    expect([one.get('count'), two.get('count')]).toEqual([40, 40]);
  });

  it('replaces the file as a whole and leaves no draft behind', () => {
    const path = aPath();
    const store = fileStateStore(path);
    for (let round = 0; round < 5; round += 1) {
      store.set('round', round);
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ round });
      expect(readdirSync(dirname(path))).toEqual(['state.json']);
    }
  });

  it.each(['', '{"a/day": {"day"', 'null', '7', '"text"', '\0\0\0\0'])(
    'treats a damaged file (%j) as empty, and repairs it',
    (text) => {
      const path = aPath();
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      const store = fileStateStore(path);
      expect(store.get('a/day')).toBeUndefined();
      store.set('a/day', 1);
      expect(fileStateStore(path).get('a/day')).toBe(1);
    },
  );

  it('reports the path that it cannot write, and what to do', () => {
    const path = aPath();
    mkdirSync(dirname(dirname(path)), { recursive: true });
    writeFileSync(dirname(path), 'a file where a folder should be');
    const store = fileStateStore(path);
    expect(store.get('a/day')).toBeUndefined();
    const write = (): void => store.set('a/day', 1);
    expect(write).toThrow(ConfigError);
    expect(write).toThrow(
      /^Cannot write the state file .*state\.json: .*(EEXIST|ENOTDIR).*\. Set stateFile to a writable path, or to null\.$/,
    );
  });

  it('keeps the old file if the new one cannot be written', () => {
    const path = aPath();
    const store = fileStateStore(path);
    store.set('a/day', 1);
    mkdirSync(`${path}.${process.pid}`);
    expect(() => store.set('a/day', 2)).toThrow(ConfigError);
    expect(store.get('a/day')).toBe(1);
  });

  it('treats an unreadable file as empty', () => {
    const path = aPath();
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o700);
    expect(fileStateStore(path).get('a/day')).toBeUndefined();
  });

  it('keeps a key with the name of an Object.prototype property', () => {
    const path = aPath();
    const store = fileStateStore(path);
    expect([store.get('constructor'), store.get('__proto__')]).toEqual([undefined, undefined]);
    store.set('__proto__', { polluted: true });
    expect(store.get('__proto__')).toEqual({ polluted: true });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('the memory state store', () => {
  it('keeps values while it lives', () => {
    const store = memoryStateStore();
    store.set('a', 1);
    expect([store.get('a'), store.get('b'), memoryStateStore().get('a')]).toEqual([1, undefined, undefined]);
  });
});
