import { describe, expect, it } from '@jest/globals';
import { prometheus } from 'scriptorium/plugins/prometheus';
import { Labeller } from '../../../plugins/prometheus/labeller.js';
import { failureOf, pipelineTo } from '../../support/pipelines.js';
import { measured } from './measured.js';
import { sum } from './samples.js';
import type { Sample } from './samples.js';

/** The names of all labels, those aside that belong to single metrics. */
function labelsOf(samples: readonly Sample[]): readonly string[] {
  const own = ['le', 'kind', 'source', 'reason', 'error_code'];
  return [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))]
    .filter((name) => !own.includes(name))
    .sort();
}

const LABELS = { book: 'ada', chapter: '3', email: 'ada@example.org' };

describe('labels', () => {
  it('are provider, model and outcome, whatever labels a request has', async () => {
    const { pipeline, scrape } = await measured();
    await pipeline.generate({ prompt: 'Begin.', labels: LABELS });
    expect(labelsOf(await scrape())).toEqual(['model', 'outcome', 'provider']);
  });

  it('are those of the allow-list and no others', async () => {
    const { pipeline, scrape } = await measured({ options: { labels: ['outcome', 'book'] } });
    await pipeline.generate({ prompt: 'Begin.', labels: LABELS });
    const samples = await scrape();
    expect(labelsOf(samples)).toEqual(['book', 'outcome']);
    expect(sum(samples, 'requests_total', { book: 'ada', outcome: 'success' })).toBe(1);
    expect(sum(samples, 'attempts_total', { book: 'ada' })).toBe(1);
    expect(JSON.stringify(samples)).not.toContain('example.org');
  });

  it('may be none at all', async () => {
    const { pipeline, scrape } = await measured({ config: { plugins: { prometheus: { labels: [] } } } });
    await pipeline.generate({ prompt: 'Begin.', labels: LABELS });
    const samples = await scrape();
    expect(labelsOf(samples)).toEqual([]);
    expect(samples).toContainEqual({ name: 'scriptorium_requests_total', labels: {}, value: 1 });
    expect(samples).toContainEqual({ name: 'scriptorium_breaker_open', labels: {}, value: 0 });
  });

  it('keep the first values apart, and lump all later ones together', async () => {
    const { pipeline, scrape } = await measured({ options: { labels: ['chapter'], maxLabelValues: 2 } });
    for (const chapter of ['1', '2', '3', '4', '2']) await pipeline.generate({ prompt: 'Begin.', labels: { chapter } });
    const samples = await scrape();
    expect(['1', '2', '3', '4', 'other'].map((chapter) => sum(samples, 'requests_total', { chapter }))).toEqual([
      1, 2, 0, 0, 2,
    ]);
  });

  it('are bounded for models as well', async () => {
    const { pipeline, scrape } = await measured({ options: { maxLabelValues: 1 } });
    await pipeline.generate({ prompt: 'Begin.' });
    for (const model of ['a/b', 'a/c']) await pipeline.generate({ prompt: 'Begin.', model }).catch(() => undefined);
    const samples = await scrape();
    expect(['scriptorium/exact', 'other'].map((model) => sum(samples, 'requests_total', { model }))).toEqual([1, 2]);
    expect(samples.filter(({ name }) => name === 'scriptorium_breaker_open')).toHaveLength(2);
  });

  it('may hold anything: quotes, line breaks, words that objects know', async () => {
    const { pipeline, scrape } = await measured({ options: { labels: ['book', 'constructor'] } });
    await pipeline.generate({ prompt: 'Begin.', labels: { book: 'a "b"\\\nc' } });
    const samples = await scrape();
    expect(sum(samples, 'requests_total', { book: 'a \\"b\\"\\\\\\nc', constructor: '' })).toBe(1);
  });

  it.each([['le'], ['kind'], ['error_code'], ['book-title'], ['__name'], ['']])(
    'cannot be called "%s"',
    async (name) => {
      const error = await failureOf(
        pipelineTo('http://127.0.0.1:9', {}, { plugins: [prometheus({ port: 0, labels: [name] })] }),
      );
      expect(error).toMatchObject({ code: 'configuration' });
      expect(error.message).toContain('plugins.prometheus.labels');
    },
  );
});

describe('sets of labels', () => {
  const limits = { maxLabelValues: 50, maxLabelSets: 20 };

  it('are so many at the most, and who finds no room is told as other', () => {
    let full = 0;
    const labeller = new Labeller(['provider', 'model', 'book', 'chapter'], {
      ...limits,
      onFull: () => {
        full += 1;
      },
    });
    const values = Array.from({ length: 900 }, (_, index) =>
      labeller.values({
        provider: 'p',
        model: 'm',
        labels: { book: String(index % 30), chapter: String(Math.floor(index / 30)) },
      }),
    );
    const others = values.filter(({ book }) => book === 'other');
    expect(new Set(values).size).toBe(21);
    expect(others[0]).toEqual({ provider: 'p', model: 'm', book: 'other', chapter: 'other' });
    expect({ others: others.length, full }).toEqual({ others: 880, full: 1 });
    expect(labeller.values({ provider: 'p', model: 'm', labels: { book: '3', chapter: '0' } })).toBe(values[3]);
  });

  it("are not counted where there are none but the route's", () => {
    const labeller = new Labeller(['provider', 'model'], {
      ...limits,
      onFull: () => {
        throw new Error('full');
      },
    });
    const values = Array.from({ length: 40 }, (_, index) =>
      labeller.values({ provider: 'p', model: `m${index}`, labels: {} }),
    );
    expect(new Set(values).size).toBe(40);
  });
});
