import { describe, expect, it } from '@jest/globals';
import type { GenerationRequest } from 'scriptorium';
import type { PrefillTable } from 'scriptorium/provider';
import { aRequest } from 'scriptorium/testing';
import { prefillOf } from '../../../plugins/openrouter/prefill.js';
import { openrouterSection, problemsOf, program, resolved } from '../../config/sources.js';

const of = (model: string, prefill: PrefillTable | null = null, parts: Partial<GenerationRequest> = {}) =>
  prefillOf(aRequest({ model, ...parts }), { id: 'openrouter', prefill });
const withOptions = (openrouter: Record<string, unknown>) =>
  of('anthropic/claude-sonnet-4.5', null, { providerOptions: { openrouter } });

describe('what a model does with a text to go on from', () => {
  it.each([
    'anthropic/claude-3-haiku',
    'anthropic/claude-3.5-sonnet',
    'anthropic/claude-3.7-sonnet',
    'anthropic/claude-3.7-sonnet:thinking',
    'anthropic/claude-sonnet-4',
    'anthropic/claude-opus-4',
    'anthropic/claude-opus-4.1',
    'anthropic/claude-sonnet-4.5',
    'anthropic/claude-haiku-4.5',
    'anthropic/claude-opus-4.5',
    'anthropic/claude-sonnet-4.5:free',
  ])('is to go on at the next character: %s', (model) => {
    expect(of(model)).toBe('exact');
  });

  it.each([
    'anthropic/claude-sonnet-4.6',
    'anthropic/claude-opus-4.6',
    'anthropic/claude-sonnet-4.55',
    'anthropic/claude-opus-5',
    'anthropic/claude-4',
    'openai/gpt-5',
    'x-anthropic/claude-3-haiku',
    'meta-llama/llama-3.3-70b-instruct:free',
    'a-model',
    '',
    'constructor',
    '__proto__',
    'toString',
  ])('is to be told, as far as anybody knows: %j', (model) => {
    expect(of(model)).toBe('instructed');
  });

  it("is what the user's table says, above ours", () => {
    expect(of('anthropic/claude-sonnet-4.5', { 'anthropic/claude-sonnet-4.5': 'none' })).toBe('none');
    expect(of('anthropic/claude-sonnet-4.6', { 'anthropic/*': 'exact' })).toBe('exact');
    expect(of('openai/gpt-5', { 'meta/*': 'exact' })).toBe('instructed');
    expect(of('anthropic/claude-sonnet-4.5', {})).toBe('exact');
  });

  it("goes by a model's own name before any pattern, and by the first pattern that fits", () => {
    const table: PrefillTable = { '*': 'none', 'a/*': 'exact', 'a/b': 'instructed' };
    expect([of('a/b', table), of('a/c', table), of('x', table)]).toEqual(['instructed', 'none', 'none']);
    expect(of('a/c', { 'a/*': 'exact', '*': 'none' })).toBe('exact');
  });

  it.each([
    ['a/*', 'a/b/c', true],
    ['*-instruct', 'a/b-instruct', true],
    ['a/*-7b', 'a/x-7b', true],
    ['a/*-7b', 'a/x-7bb', false],
    ['a.b', 'axb', false],
    ['a.*', 'axb', false],
    ['a/(b|c)*', 'a/b', false],
    ['a/(b|c)*', 'a/(b|c)d', true],
    ['a/[x]*', 'a/[x]1', true],
    ['*', 'any/thing', true],
    ['a/*', 'b/a/c', false],
  ])('reads %j for a pattern of which only * is special: %j, %s', (pattern, model, fits) => {
    expect(of(model, { [pattern]: 'exact' })).toBe(fits ? 'exact' : 'instructed');
  });

  it('is the same for a variant of the model, unless the table knows the variant', () => {
    const table: PrefillTable = { 'a/b': 'exact', 'a/c:free': 'exact', 'd/*': 'exact' };
    expect([of('a/b:free', table), of('a/c:free', table), of('a/c', table), of('d/e:nitro', table)]).toEqual([
      'exact',
      'exact',
      'instructed',
      'exact',
    ]);
    expect(of('a/b:free', { 'a/b': 'exact', 'a/b:free': 'none' })).toBe('none');
  });

  it('is no native prefill where the model thinks first', () => {
    const thinking = (reasoning: GenerationRequest['reasoning']) =>
      of('a/b', { 'a/b': 'exact' }, { ...(reasoning && { reasoning }) });
    expect([
      thinking({ effort: 'high' }),
      thinking({ maxTokens: 100 }),
      thinking({ effort: 'none' }),
      thinking(undefined),
    ]).toEqual(['instructed', 'instructed', 'exact', 'exact']);
    expect(withOptions({ reasoning: { enabled: true } })).toBe('instructed');
    expect(of('a/b', { 'a/b': 'none' }, { reasoning: { effort: 'high' } })).toBe('none');
  });

  it.each([
    [{ response_format: { type: 'json_object' } }, 'none'],
    [{ response_format: { type: 'json_schema', json_schema: {} } }, 'none'],
    [{ response_format: { type: 'text' } }, 'exact'],
    [{ n: 2 }, 'none'],
    [{ n: 1 }, 'exact'],
    [{}, 'exact'],
  ])('is nothing where an answer cannot be put together from pieces: %j', (options, prefill) => {
    expect(withOptions(options)).toBe(prefill);
  });

  it('goes by the options of its own instance', () => {
    const request = aRequest({ model: 'a', providerOptions: { openrouter: { n: 2 }, second: { n: 1 } } });
    expect([
      prefillOf(request, { id: 'second', prefill: null }),
      prefillOf(request, { id: 'openrouter', prefill: null }),
    ]).toEqual(['instructed', 'none']);
  });
});

describe('plugins.openrouter.prefill', () => {
  const plugins = [openrouterSection({ apiKey: 'k' })];
  const table = { 'a/b': 'exact', 'c/*': 'none' };
  const prefillIn = ({ values }: ReturnType<typeof resolved>): unknown => values.plugins.openrouter!.prefill;

  it("comes from the program, a file, the plugin's options, or the environment as JSON", () => {
    expect(prefillIn(resolved({ plugins, ...program({ plugins: { openrouter: { prefill: table } } }) }))).toEqual(
      table,
    );
    expect(
      prefillIn(
        resolved({
          plugins,
          files: [{ source: 'book.json', values: { plugins: { openrouter: { prefill: table } } } }],
        }),
      ),
    ).toEqual(table);
    expect(prefillIn(resolved({ plugins: [openrouterSection({ apiKey: 'k', prefill: { 'a/b': 'exact' } })] }))).toEqual(
      { 'a/b': 'exact' },
    );
    expect(
      prefillIn(resolved({ plugins, environment: { SCRIPTORIUM_PLUGINS_OPENROUTER_PREFILL: JSON.stringify(table) } })),
    ).toEqual(table);
    expect(prefillIn(resolved({ plugins }))).toBeNull();
  });

  it.each([
    [{ 'a/b': 'sometimes' }, /prefill.*'sometimes'.*"exact", "instructed", "none"/],
    [{ 'a/b': true }, /prefill.*true.*"exact"/],
    ['exact', /prefill.*"exact"/],
    [['a/b'], /prefill/],
    [7, /prefill.*7/],
  ])('refuses %j, and says what would be right', (prefill, message) => {
    const problems = problemsOf({ plugins, ...program({ plugins: { openrouter: { prefill } } }) });
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(problems[0]).toMatch(/^plugins\.openrouter\.prefill/);
  });

  it.each(['{"a/b": "exact"', 'exact', '{"a/b": "no"}'])(
    'refuses %j from the environment, and names the variable',
    (value) => {
      const problems = problemsOf({ plugins, environment: { SCRIPTORIUM_PLUGINS_OPENROUTER_PREFILL: value } });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain('SCRIPTORIUM_PLUGINS_OPENROUTER_PREFILL');
    },
  );

  it('never takes a name for more than a name', () => {
    const values = JSON.parse('{"plugins":{"openrouter":{"prefill":{"__proto__":"exact"}}}}') as object;
    expect(problemsOf({ plugins, ...program(values) }).length).toBeGreaterThan(0);
    expect(({} as Record<string, unknown>).exact).toBeUndefined();
  });
});
