import { isDeepStrictEqual } from 'node:util';
import type { StateStore } from '../../core/ports.js';
import { must, said } from '../must.js';
import { checkWith } from '../port-contract/scene.js';
import type { MakePort, PortCheck } from '../port-contract/scene.js';

/** Makes the state store under proof, as two processes see it. */
export type MakeStateStore = MakePort<StateStore>;

const by = checkWith<StateStore, Parameters<MakeStateStore>[0]>({});

const read = (store: StateStore, key: string): unknown => store.update(key, (old) => old);
const add = (old: unknown): number => (typeof old === 'number' ? old : 0) + 1;
const EACH = 50;
const VALUES: readonly unknown[] = [
  { a: [1, { b: null, c: true, d: '' }], e: -0.5, f: 1e21 },
  ['x', 'Ahab’s “𝒲hale” \u0000\n'],
  9_007_199_254_740_991,
  'text',
  false,
  null,
];
const KEYS = ['', 'a:b {c}', 'Ünï*[x]', '__proto__', 'a/b/../c'];

/** The promises of every `StateStore`, each a sentence with the check that proves it. */
export const STATE_STORE_PROMISES = {
  'gives undefined for an unknown key': by(async ({ first }) => {
    const seen: unknown[] = [];
    await first.update('a', (old) => (seen.push(old), 1));
    must(seen.length > 0 && seen[0] === undefined, `The old value of an unknown key is ${said(seen[0])}.`);
  }),
  'returns the new value, and shows it to all processes': by(async ({ first, second }) => {
    const made = await first.update('a', () => ({ count: 1 }));
    const seen = await read(second, 'a');
    must(isDeepStrictEqual(made, { count: 1 }), `update returned ${said(made)} for { count: 1 }.`);
    must(isDeepStrictEqual(seen, { count: 1 }), `Another process reads ${said(seen)} for { count: 1 }.`);
  }),
  'loses no change when processes change a key at once': by(async ({ first, second }) => {
    const changes = Array.from({ length: EACH }, () => [first.update('a', add), second.update('a', add)]).flat();
    const values = await Promise.all(changes);
    const end = await read(first, 'a');
    must(end === 2 * EACH, `${2 * EACH} changes at once, each of which adds 1, have made ${said(end)}.`);
    must(new Set(values).size === 2 * EACH, 'Two changes of a key have returned the same value: one saw an old one.');
  }),
  'keeps values of every kind of JSON': by(async ({ first, second }) => {
    for (const value of VALUES) {
      await first.update('a', () => value);
      const seen = await read(second, 'a');
      must(isDeepStrictEqual(seen, value), `The value ${said(value)} has become ${said(seen)}.`);
    }
  }),
  'keeps the values of all keys apart, whatever their names': by(async ({ first, second }) => {
    for (const [index, key] of KEYS.entries()) await first.update(key, () => index);
    for (const [index, key] of KEYS.entries()) {
      const seen = await read(second, key);
      must(seen === index, `The value of the key ${said(key)} is ${said(seen)} in place of ${index}.`);
    }
  }),
  'keeps the value if the change returns the old one': by(async ({ first, second }) => {
    await first.update('a', () => ({ count: 1 }));
    await second.update('a', (old) => old);
    const seen = await read(first, 'a');
    must(isDeepStrictEqual(seen, { count: 1 }), `A change that changes nothing has made ${said(seen)}.`);
  }),
  'keeps the value if the change throws, and fails with its error': by(async ({ first, second }) => {
    await first.update('a', () => 1);
    const error = new Error('no');
    const refuse = (): never => {
      throw error;
    };
    const thrown = await Promise.resolve()
      .then(() => second.update('a', refuse))
      .catch((reason: unknown) => reason);
    const seen = await read(first, 'a');
    must(seen === 1, `A change that throws has made ${said(seen)} of 1.`);
    must(String(thrown).includes('no'), `A change that throws an error has ended with ${said(thrown)}.`);
  }),
} as const satisfies Readonly<Record<string, PortCheck<StateStore>>>;
