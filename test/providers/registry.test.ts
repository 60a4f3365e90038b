import { describe, expect, it } from '@jest/globals';
import { EMPTY } from 'rxjs';
import type { ModelInfo, Provider } from 'scriptorium/plugin';
import { aRequest } from 'scriptorium/testing';
import { providerRegistry } from '../../src/providers/registry.js';
import { ConfigError } from '../../src/core/errors/classes.js';

const aProvider = (id: string, parts: Partial<Provider> = {}): Provider => ({ id, generate: () => EMPTY, ...parts });
const knowing = (known: (model: string) => ModelInfo | undefined): Provider =>
  aProvider('a', { catalogue: { models: () => Promise.resolve([]), known } });

describe('the registry of providers', () => {
  it('finds providers by id, in the order in which they were added', () => {
    const [first, second] = [aProvider('first'), aProvider('second')];
    const registry = providerRegistry([first, second]);
    expect({
      ids: registry.ids,
      firstId: registry.firstId,
      found: registry.find('second') === second,
      unknown: registry.find('third'),
    }).toEqual({ ids: ['first', 'second'], firstId: 'first', found: true, unknown: undefined });
    expect(registry.get('first')).toBe(first);
  });

  it('rejects an unknown id with the known ones and the nearest', () => {
    const { get } = providerRegistry([aProvider('openai'), aProvider('local')]);
    expect(() => get('opnai')).toThrow('No provider "opnai"; known: openai, local. Did you mean "openai"?');
  });

  it('refuses to be empty, and two providers with one id', () => {
    expect(() => providerRegistry([])).toThrow(
      new ConfigError('The pipeline has no provider. Pass a plugin that adds one: createPipeline({ plugins: [...] }).'),
    );
    expect(() => providerRegistry([aProvider('a'), aProvider('a')])).toThrow(
      new ConfigError('Two providers have the id "a". Give one of their plugins another id.'),
    );
  });

  it('takes a model for unknown where the catalogue throws or is missing, and a wrong price for none', () => {
    const broken = knowing(() => {
      throw new Error('no list');
    });
    const wrong = knowing((id) => ({ id, price: { prompt: 'dear', completion: '0' } }));
    for (const provider of [broken, aProvider('a')])
      expect(providerRegistry([provider]).knownModel('a', 'm')).toBeUndefined();
    expect(providerRegistry([wrong]).knownModel('a', 'm')).toEqual({ id: 'm' });
    expect(providerRegistry([knowing((id) => ({ id }))]).knownModel('a', 'm')).toEqual({ id: 'm' });
  });

  it('gives a provider without limit keys one for all its requests', () => {
    const own = { key: 'own', limits: { requestsPerMinute: 3 } };
    const { limitKeysOf } = providerRegistry([aProvider('bare'), aProvider('limited', { limitKeys: () => [own] })]);
    expect({
      bare: limitKeysOf(aRequest({ provider: 'bare' })),
      limited: limitKeysOf(aRequest({ provider: 'limited' })),
    }).toEqual({ bare: [{ key: 'bare', limits: {} }], limited: [own] });
  });

  it('takes a model for one without prefill where its provider names no abilities', () => {
    const { prefillOf } = providerRegistry([
      aProvider('bare'),
      aProvider('able', { capabilities: () => ({ prefill: 'exact' }) }),
    ]);
    expect([prefillOf(aRequest({ provider: 'bare' })), prefillOf(aRequest({ provider: 'able' }))]).toEqual([
      'none',
      'exact',
    ]);
  });
});
