import { isDeepStrictEqual } from 'node:util';
import type { GenerationEvent } from '../../core/events.js';
import type { CacheStore } from '../../core/ports.js';
import { must, said } from '../must.js';
import { checkWith } from '../port-contract/scene.js';
import type { MakePort, PortCheck } from '../port-contract/scene.js';

/** Makes the cache store under proof, as two processes see it. */
export type MakeCacheStore = MakePort<CacheStore>;

const by = checkWith<CacheStore, Parameters<MakeCacheStore>[0]>({});

/** The events of an answer with this text. */
function anAnswer(...deltas: readonly string[]): readonly GenerationEvent[] {
  return [
    ...deltas.map((delta): GenerationEvent => ({ type: 'text-delta', delta })),
    {
      type: 'generation-end',
      finishReason: { unified: 'stop', raw: 'stop' },
      usage: { inputTokens: 3, outputTokens: deltas.length, source: 'reported' },
      servedFrom: 'cache',
      provider: 'any',
      model: 'a/b',
    },
  ];
}

const ODD = ['Call me ', 'Ahab’s “𝒲hale” \u0000\n', '\ud83d\udc0b', ''];
const LONG_DELTAS = 2_000;
const KEYS = ['', 'a:b {c}', 'Ünï*[x]', '__proto__'];

const isSame = (seen: unknown, answer: readonly GenerationEvent[]): boolean => isDeepStrictEqual(seen, answer);

/** The promises of every `CacheStore`, each a sentence with the check that proves it. */
export const CACHE_STORE_PROMISES = {
  'has no answer for an unknown key': by(async ({ first }) => {
    const seen = await first.get('a');
    must(seen === undefined, `The answer of an unknown key is ${said(seen)}.`);
  }),
  'gives an answer to all processes, event by event': by(async ({ first, second, quiet }) => {
    await first.set('a', anAnswer(...ODD));
    await quiet();
    for (const store of [first, second]) {
      const seen = await store.get('a');
      must(isSame(seen, anAnswer(...ODD)), `An answer has become ${said(seen)}.`);
    }
  }),
  'keeps long answers whole': by(async ({ first, second, quiet }) => {
    const answer = anAnswer(...Array.from({ length: LONG_DELTAS }, (_, index) => `word ${index} `.repeat(20)));
    await first.set('a', answer);
    await quiet();
    must(isSame(await second.get('a'), answer), `An answer of ${LONG_DELTAS} events does not come back as it was.`);
  }),
  'replaces an earlier answer': by(async ({ first, second, quiet }) => {
    await first.set('a', anAnswer('early'));
    await second.set('a', anAnswer('late'));
    await quiet();
    const seen = await first.get('a');
    must(isSame(seen, anAnswer('late')), `The later answer of a key is ${said(seen)}.`);
  }),
  'keeps the answers of all keys apart, whatever their names': by(async ({ first, second, quiet }) => {
    for (const key of KEYS) await first.set(key, anAnswer(`of ${key}`));
    await quiet();
    for (const key of KEYS) {
      const seen = await second.get(key);
      must(isSame(seen, anAnswer(`of ${key}`)), `The answer of the key ${said(key)} is ${said(seen)}.`);
    }
  }),
} as const satisfies Readonly<Record<string, PortCheck<CacheStore>>>;
