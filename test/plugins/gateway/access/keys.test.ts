import { timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fileStateStore } from 'scriptorium';
import type { StateStore } from 'scriptorium';
import { ManualClock } from 'scriptorium/testing';
import { KeyIndex } from '../../../../plugins/gateway/access/keys/key-index.js';
import { parseKeys } from '../../../../plugins/gateway/access/keys/key-record.js';
import { keyStore } from '../../../../plugins/gateway/access/keys/key-store.js';
import { hashOfKey, makeKey, prefixOfKey } from '../../../../plugins/gateway/access/keys/make-key.js';
import { flushed } from '../../../support/flushed.js';
import { failureOf } from '../../../support/pipelines.js';
import { aScene, asking, thrownBy, withKey } from './scene.js';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function aFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-keys-'));
  folders.push(folder);
  return join(folder, '.scriptorium', 'gateway.json');
}

describe('a gateway without keys', () => {
  it('takes every request as that of "local", whatever key it brings', async () => {
    const { access } = aScene();
    const names = [asking(), withKey('sk-or-v1-of-a-client')].map((asked) => access.clientOf(asked).name);
    expect({ names, hasKeys: await access.hasKeys() }).toEqual({ names: ['local', 'local'], hasKeys: false });
    access.close();
  });

  it('needs a key within a second of the first one', async () => {
    const { access, keys, clock, pass } = aScene();
    const key = await keys.add({ name: 'ada', now: clock.now() });
    await pass(1_000);
    expect({
      hasKeys: await access.hasKeys(),
      without: thrownBy(() => access.clientOf(asking())).code,
      with: access.clientOf(withKey(key)).name,
    }).toEqual({ hasKeys: true, without: 'authentication', with: 'ada' });
    access.close();
  });

  it('leaves no timer behind once it is closed', () => {
    const { access, clock } = aScene();
    const before = clock.pending;
    access.close();
    expect({ before, after: clock.pending }).toEqual({ before: 1, after: 0 });
  });
});

describe('a key', () => {
  it('is the mark and 256 random bits, of which the store has a hash and the beginning', async () => {
    const path = aFile();
    const store = fileStateStore(path);
    const key = await keyStore(store).add({ name: 'ada', policy: 'night', now: 5, expiresAt: 9 });
    const stored = readFileSync(path, 'utf8');
    expect(Buffer.from(key.slice('sk-scr-'.length), 'base64url')).toHaveLength(32);
    expect({ mode: statSync(path).mode & 0o777, isInFile: stored.includes(key.slice(20)) }).toEqual({
      mode: 0o600,
      isInFile: false,
    });
    expect(JSON.parse(stored)).toEqual({
      'gateway-keys': {
        ada: {
          prefix: key.slice(0, 13),
          sha256: hashOfKey(key).toString('hex'),
          policy: 'night',
          createdAt: 5,
          expiresAt: 9,
        },
      },
    });
  });

  it('comes in either of the usual headers', async () => {
    const scene = aScene();
    const key = await scene.keys.add({ name: 'ada', now: 0 });
    await scene.pass(1_000);
    const names = [withKey(key), asking({ authorization: `bearer ${key}` }), asking({ 'x-api-key': key })].map(
      (asked) => scene.access.clientOf(asked).name,
    );
    expect(names).toEqual(['ada', 'ada', 'ada']);
    scene.access.close();
  });

  it('is refused with 401 if it is unknown, changed in one character, or of another scheme', async () => {
    const { access, keys, pass } = aScene();
    const key = await keys.add({ name: 'ada', now: 0 });
    await pass(1_000);
    const changed = key.slice(0, -2) + (key.at(-2) === 'A' ? 'B' : 'A') + key.slice(-1);
    const wrong = [withKey(makeKey()), withKey(changed), asking({ authorization: `Basic ${key}` }), asking()];
    const errors = wrong.map((asked) => thrownBy(() => access.clientOf(asked)));
    expect(errors.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    expect(errors.filter(({ message }) => message.includes(changed.slice(13)))).toEqual([]);
    access.close();
  });

  it('is refused from the moment at which it expires, and its generations end within a second', async () => {
    const { access, keys, clock, pass } = aScene();
    const key = await keys.add({ name: 'ada', now: clock.now(), expiresAt: clock.now() + 10_500 });
    await pass(10_000);
    const { signal } = access.clientOf(withKey(key));
    await pass(500);
    const error = thrownBy(() => access.clientOf(withKey(key)));
    const atExpiry = signal.aborted;
    await pass(500);
    expect({ atExpiry, after: signal.aborted, error }).toMatchObject({
      atExpiry: false,
      after: true,
      error: { status: 401, message: expect.stringContaining('"ada" has expired') as unknown },
    });
    access.close();
  });

  it('is refused within a second of its revocation, which ends its generations and no others', async () => {
    const { access, keys, clock, pass } = aScene();
    const [ada, bob] = [await keys.add({ name: 'ada', now: 0 }), await keys.add({ name: 'bob', now: 0 })];
    await pass(1_000);
    const signals = [ada, bob].map((key) => access.clientOf(withKey(key)).signal);
    await keys.revoke('ada', clock.now());
    await pass(1_000);
    expect({
      aborted: signals.map(({ aborted }) => aborted),
      error: thrownBy(() => access.clientOf(withKey(ada))).message,
      other: access.clientOf(withKey(bob)).name,
    }).toEqual({ aborted: [true, false], error: expect.stringContaining('"ada" was revoked'), other: 'bob' });
    access.close();
  });

  it('stays needed when the last one is revoked, and when the store has lost them all', async () => {
    const { access, keys, store, pass } = aScene();
    await keys.add({ name: 'ada', now: 0 });
    await pass(1_000);
    await keys.revoke('ada', 1);
    await pass(1_000);
    const afterRevocation = thrownBy(() => access.clientOf(asking())).status;
    await store.update('gateway-keys', () => ({}));
    await pass(1_000);
    expect({ afterRevocation, afterLoss: thrownBy(() => access.clientOf(asking())).status }).toEqual({
      afterRevocation: 401,
      afterLoss: 401,
    });
    access.close();
  });
});

describe('stored keys', () => {
  it('have names of their own; a revoked name may be used again', async () => {
    const { access, keys } = aScene();
    await keys.add({ name: 'ada', now: 0 });
    const taken = await failureOf(keys.add({ name: 'ada', now: 1 }));
    await keys.revoke('ada', 2);
    await keys.add({ name: 'ada', now: 3 });
    const names = await Promise.all(
      ['local', '', 'a/b', '__proto__', 'x'.repeat(65)].map((name) => failureOf(keys.add({ name, now: 4 }))),
    );
    const unknown = await failureOf(keys.revoke('bob', 5));
    expect([taken, ...names, unknown].map(({ code }) => code)).toEqual(Array(7).fill('invalid-input'));
    access.close();
  });

  it('count as revoked if they are damaged, so that nobody gets in without a key', () => {
    const sound = { prefix: 'sk-scr-abcdef', sha256: 'a'.repeat(64), createdAt: 1 };
    const damaged = [null, 7, { ...sound, sha256: 'short' }, { ...sound, expiresAt: 'never' }, { ...sound, policy: 3 }];
    const stored = Object.fromEntries([sound, ...damaged].map((record, index) => [`key${index}`, record]));
    expect(parseKeys(stored).map(({ revokedAt }) => revokedAt)).toEqual([undefined, 0, 0, 0, 0, 0]);
  });

  it('are added by two processes to one file without loss, also while a third one writes', async () => {
    const path = aFile();
    const clocks = [new ManualClock(), new ManualClock()];
    const stores = clocks.map((clock) => keyStore(fileStateStore(path, clock)));
    mkdirSync(dirname(path));
    writeFileSync(`${path}.lock`, 'a third process');
    const adding = stores.map((store, index) => store.add({ name: `key${index}`, now: index }));
    await flushed();
    const isWritten = existsSync(path);
    rmSync(`${path}.lock`);
    clocks.forEach((clock) => clock.advance(5));
    await Promise.all(adding);
    const seen = await Promise.all(stores.map(async (store) => (await store.read()).map(({ name }) => name)));
    expect({ isWritten, seen }).toEqual({
      isWritten: false,
      seen: [
        ['key0', 'key1'],
        ['key0', 'key1'],
      ],
    });
  });

  it('that another process adds to the file or revokes are noticed within a second', async () => {
    const path = aFile();
    const clock = new ManualClock();
    const { access, pass } = aScene({ clock, store: fileStateStore(path, clock) });
    const command = keyStore(fileStateStore(path, clock));
    const key = await command.add({ name: 'ada', now: 0 });
    await pass(1_000);
    const { name } = access.clientOf(withKey(key));
    await command.revoke('ada', 1);
    await pass(1_000);
    expect({ name, revoked: thrownBy(() => access.clientOf(withKey(key))).status }).toEqual({
      name: 'ada',
      revoked: 401,
    });
    access.close();
  });
});

describe('the search for a key', () => {
  it('compares every hash of the same beginning, and one where there is none, in constant time', () => {
    const key = makeKey();
    const record = { name: 'ada', prefix: prefixOfKey(key), sha256: hashOfKey(key).toString('hex'), createdAt: 0 };
    const twin = { ...record, name: 'bob', sha256: hashOfKey('another').toString('hex') };
    const compared: number[][] = [];
    const index = new KeyIndex([record, twin], (one, other) => {
      compared.push([one.length, other.length]);
      return timingSafeEqual(one, other);
    });
    const found = [index.find(key), index.find(makeKey())].map((each) => each?.name);
    expect({ found, compared }).toEqual({
      found: ['ada', undefined],
      compared: [
        [32, 32],
        [32, 32],
        [32, 32],
      ],
    });
  });

  it('compares one hash among a thousand keys', () => {
    const keys = Array.from({ length: 1_000 }, makeKey);
    const records = keys.map((key, index) => ({
      name: `key${index}`,
      prefix: prefixOfKey(key),
      sha256: hashOfKey(key).toString('hex'),
      createdAt: 0,
    }));
    let compared = 0;
    const index = new KeyIndex(records, (one, other) => {
      compared += 1;
      return timingSafeEqual(one, other);
    });
    const found = keys.map((key) => index.find(key)?.name);
    expect({ found, compared }).toEqual({ found: records.map(({ name }) => name), compared: 1_000 });
  });
});

describe('a store that answers later', () => {
  const failing = (): StateStore & { fail: boolean } => {
    const values = new Map<string, unknown>();
    const store = {
      fail: false,
      update: async (key: string, change: (old: unknown) => unknown) => {
        await Promise.resolve();
        if (store.fail) throw new Error('ECONNREFUSED');
        const value = change(values.get(key));
        values.set(key, value);
        return value;
      },
    };
    return store;
  };

  it('has every request refused until the keys have been read', async () => {
    const store = failing();
    const { access } = aScene({ store });
    const early = thrownBy(() => access.clientOf(asking())).code;
    await access.hasKeys();
    expect({ early, late: access.clientOf(asking()).name }).toEqual({ early: 'unavailable', late: 'local' });
    access.close();
  });

  it('lets nobody in while it cannot be read at the start, and is asked again', async () => {
    const store = failing();
    store.fail = true;
    const { access, pass } = aScene({ store });
    const start = await access.hasKeys().catch((error: unknown) => error as Error);
    const refused = thrownBy(() => access.clientOf(asking())).code;
    store.fail = false;
    await pass(1_000);
    expect({ start: (start as Error).message, refused, later: access.clientOf(asking()).name }).toEqual({
      start: 'ECONNREFUSED',
      refused: 'unavailable',
      later: 'local',
    });
    access.close();
  });

  it('leaves the known keys valid while it fails, and one warning says so', async () => {
    const store = failing();
    const { access, keys, clock, pass, warnings } = aScene({ store });
    const key = await keys.add({ name: 'ada', now: 0, expiresAt: clock.now() + 5_000 });
    await pass(1_000);
    store.fail = true;
    await pass(3_000);
    const { name, signal } = access.clientOf(withKey(key));
    await pass(2_000);
    expect({ name, ended: signal.aborted, warnings }).toEqual({
      name: 'ada',
      ended: true,
      warnings: [expect.stringContaining('ECONNREFUSED')],
    });
    access.close();
  });
});
