import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fileStateStore, memoryStateStore, realPathOf } from '../../../src/chain/admit/state-store.js';
import { ConfigError } from '../../../src/core/errors/classes.js';
import type { StateStore } from '../../../src/core/ports.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { flushed } from '../../support/flushed.js';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function aPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-state-'));
  folders.push(folder);
  return join(folder, 'deep', 'er', 'state.json');
}

describe('the real path of a state file', () => {
  it('is one for all its spellings, whether the file is there yet or not', () => {
    const path = aPath();
    const folder = dirname(dirname(dirname(path)));
    const link = join(folder, 'link');
    symlinkSync(join(folder, 'deep'), link);
    mkdirSync(dirname(path), { recursive: true });
    const spelt = [path, join(link, 'er', 'state.json'), `${folder}/./deep/../deep/er/state.json`];
    const before = spelt.map(realPathOf);
    writeFileSync(path, '{}');
    expect(new Set([...before, ...spelt.map(realPathOf)]).size).toBe(1);
  });
});

/** Reads a value of a store that answers at once. */
function valueOf(store: StateStore, key: string): unknown {
  return store.update(key, (old) => old);
}

function valueInFile(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Lets time pass in steps, so that a waiter looks at the lock as often as it would. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5) {
    clock.advance(5);
    await flushed();
  }
}

function set(store: StateStore, key: string, value: unknown): void {
  void store.update(key, () => value);
}

describe('the file state store', () => {
  it('is empty at first, and creates no file for reading it', () => {
    const path = aPath();
    expect(valueOf(fileStateStore(path), 'a/day')).toBeUndefined();
    expect(existsSync(path)).toBe(false);
  });

  it('keeps JSON values across instances, in a file that only its owner can read', () => {
    const path = aPath();
    set(fileStateStore(path), 'a/day', { day: 20_454, count: 3 });
    set(fileStateStore(path), 'a/paused-until', 5);
    set(fileStateStore(path), 'a/day', { day: 20_454, count: 4 });
    const store = fileStateStore(path);
    expect([valueOf(store, 'a/day'), valueOf(store, 'a/paused-until'), valueOf(store, 'b/day')]).toEqual([
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
      for (const store of [one, two]) store.update('count', (old) => Number(old ?? 0) + 1);
    }
    expect([valueOf(one, 'count'), valueOf(two, 'count')]).toEqual([40, 40]);
  });

  it('replaces the file as a whole and leaves no draft behind', () => {
    const path = aPath();
    const store = fileStateStore(path);
    for (let round = 0; round < 5; round += 1) {
      set(store, 'round', round);
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ round });
      expect(readdirSync(dirname(path))).toEqual(['state.json']);
    }
  });

  it.each(['', '{"a/day": {"day"', 'null', '7', '"text"', '\0\0\0\0'])(
    'treats a damaged file (%j) as empty, keeps it, and begins a new one',
    (text) => {
      const path = aPath();
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      const store = fileStateStore(path);
      expect(valueOf(store, 'a/day')).toBeUndefined();
      set(store, 'a/day', 1);
      expect(valueOf(fileStateStore(path), 'a/day')).toBe(1);
      if (text !== '') expect(readFileSync(`${path}.damaged`, 'utf8')).toBe(text);
    },
  );

  it('does not replace a file that it cannot read', () => {
    const path = aPath();
    mkdirSync(path, { recursive: true });
    expect(() => set(fileStateStore(path), 'a/day', 1)).toThrow(/Cannot read or write the state file .*EISDIR/);
    expect(readdirSync(dirname(path))).toEqual(['state.json']);
  });

  it('reports the path that it cannot write, and what to do', () => {
    const path = aPath();
    mkdirSync(dirname(dirname(path)), { recursive: true });
    writeFileSync(dirname(path), 'a file where a folder should be');
    const store = fileStateStore(path);
    const write = (): void => set(store, 'a/day', 1);
    expect(write).toThrow(ConfigError);
    expect(write).toThrow(
      /^Cannot read or write the state file .*state\.json: .*(EEXIST|ENOTDIR).*\. Set stateFile to a writable path, or to null\.$/,
    );
  });

  it('reports a folder that the file system does not let it create, instead of trying for ever', () => {
    expect(() => fileStateStore('/proc/nope/state.json').update('a', () => 1)).toThrow(
      /Cannot read or write the state file \/proc\/nope\/state\.json/,
    );
  });

  it('keeps the old file if the new one cannot be written', () => {
    const path = aPath();
    const store = fileStateStore(path);
    set(store, 'a/day', 1);
    mkdirSync(`${path}.draft`);
    expect(() => set(store, 'a/day', 2)).toThrow(ConfigError);
    expect(valueOf(store, 'a/day')).toBe(1);
  });

  it('keeps a key with the name of an Object.prototype property', () => {
    const path = aPath();
    const store = fileStateStore(path);
    expect([valueOf(store, 'constructor'), valueOf(store, '__proto__')]).toEqual([undefined, undefined]);
    set(store, '__proto__', { polluted: true });
    expect(valueOf(store, '__proto__')).toEqual({ polluted: true });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('the lock of a state file', () => {
  it('makes an update wait while another process holds it', async () => {
    const path = aPath();
    const clock = new ManualClock();
    const store = fileStateStore(path, clock);
    set(store, 'count', 1);
    writeFileSync(`${path}.lock`, '');
    const updated = store.update('count', (old) => Number(old) + 1);
    expect(updated).toBeInstanceOf(Promise);
    clock.advance(5);
    await flushed();
    rmSync(`${path}.lock`);
    set(fileStateStore(path), 'count', 10);
    clock.advance(5);
    await flushed();
    expect({ updated: await updated, timers: clock.pending }).toEqual({ updated: 11, timers: 0 });
  });

  it('is broken if a process that died has left it behind', async () => {
    const path = aPath();
    const clock = new ManualClock();
    const store = fileStateStore(path, clock);
    set(store, 'count', 1);
    writeFileSync(`${path}.lock`, 'somebody-7');
    const updated = store.update('count', (old) => Number(old) + 1);
    await pass(clock, 1_000);
    expect(valueInFile(path)).toEqual({ count: 1 });
    await pass(clock, 10);
    expect({ updated: await updated, files: readdirSync(dirname(path)) }).toEqual({
      updated: 2,
      files: ['state.json'],
    });
  });

  it('is not broken while its owner changes, whatever the system clock says about its age', async () => {
    const path = aPath();
    const clock = new ManualClock();
    const store = fileStateStore(path, clock);
    set(store, 'count', 1);
    const updated = store.update('count', (old) => Number(old) + 1);
    expect(updated).toBe(2);
    writeFileSync(`${path}.lock`, 'somebody-1');
    const waiting = store.update('count', (old) => Number(old) + 1);
    for (let holder = 2; holder < 12; holder += 1) {
      writeFileSync(`${path}.lock`, `somebody-${holder}`);
      utimesSync(`${path}.lock`, new Date(0), new Date(0));
      await pass(clock, 900);
    }
    expect(valueInFile(path)).toEqual({ count: 2 });
    rmSync(`${path}.lock`);
    await pass(clock, 5);
    expect(await waiting).toBe(3);
  });

  it('is broken by one waiter only, and by the next one if that has died', async () => {
    const path = aPath();
    const clock = new ManualClock();
    const store = fileStateStore(path, clock);
    set(store, 'count', 1);
    writeFileSync(`${path}.lock`, 'somebody-7');
    writeFileSync(`${path}.lock.somebody-7`, 'the waiter that breaks it');
    const updated = store.update('count', (old) => Number(old) + 1);
    await pass(clock, 1_900);
    expect(readFileSync(`${path}.lock`, 'utf8')).toBe('somebody-7');
    await pass(clock, 200);
    expect({ updated: await updated, files: readdirSync(dirname(path)) }).toEqual({
      updated: 2,
      files: ['state.json'],
    });
  });

  it('waits for one that cannot be read for as long as it is there', async () => {
    const path = aPath();
    const clock = new ManualClock();
    const store = fileStateStore(path, clock);
    set(store, 'count', 1);
    symlinkSync(`${path}.nowhere`, `${path}.lock`);
    const updated = store.update('count', (old) => Number(old) + 1);
    await pass(clock, 1_200);
    expect(valueInFile(path)).toEqual({ count: 1 });
    rmSync(`${path}.lock`);
    await pass(clock, 5);
    expect(await updated).toBe(2);
  });

  it('keeps a holder that stood still, and whose lock was broken, from undoing what others wrote', async () => {
    const path = aPath();
    const clock = new ManualClock();
    const [slow, other] = [fileStateStore(path, clock), fileStateStore(path, clock)];
    set(slow, 'count', 1);
    let hasStoodStill = false;
    const updated = slow.update('count', (old) => {
      if (!hasStoodStill) {
        hasStoodStill = true;
        rmSync(`${path}.lock`);
        set(other, 'count', 10);
      }
      return Number(old) + 1;
    });
    await pass(clock, 5);
    expect({ updated: await updated, file: valueInFile(path) }).toEqual({ updated: 11, file: { count: 11 } });
  });

  it('shows the value of a file that can be read but not written to the change, before the update fails', () => {
    const path = aPath();
    set(fileStateStore(path), 'count', 95);
    mkdirSync(`${path}.lock`);
    const seen: unknown[] = [];
    const update = (): unknown => fileStateStore(path).update('count', (old) => seen.push(old));
    expect(update).toThrow(ConfigError);
    expect(seen).toEqual([95]);
  });

  it('is given back by an update that throws', () => {
    const path = aPath();
    const store = fileStateStore(path);
    const broken = (): unknown =>
      store.update('count', () => {
        throw new Error('no number');
      });
    expect(broken).toThrow('no number');
    set(store, 'count', 1);
    expect(valueOf(store, 'count')).toBe(1);
  });
});

describe('the memory state store', () => {
  it('keeps values while it lives', () => {
    const store = memoryStateStore();
    set(store, 'a', 1);
    expect([valueOf(store, 'a'), valueOf(store, 'b'), valueOf(memoryStateStore(), 'a')]).toEqual([
      1,
      undefined,
      undefined,
    ]);
  });
});
