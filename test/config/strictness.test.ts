import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { text, whole } from 'scriptorium/plugin';
import { openrouterSection, problemsOf, program, refusal, resolved } from './sources.js';
import { RUNS } from '../support/runs.js';

describe('a configuration that is not right', () => {
  it('is refused with all its problems at once, each with its path, value, source and what is right', () => {
    const problems = problemsOf({
      plugins: [openrouterSection()],
      files: [{ source: 'book.json', values: { retry: { maxAtempts: 3, jitter: 'some' }, logging: { level: 5 } } }],
      environment: { OPENROUTER_MAX_TOKENS: 'many' },
      ...program({ defaults: { temperature: 3, topP: -0.1 }, limits: { maxRequests: 0 } }),
    });
    expect(problems).toEqual([
      'retry.maxAtempts (from book.json) is not a key of the configuration. Did you mean "retry.maxAttempts"?',
      'defaults.maxTokens (from OPENROUTER_MAX_TOKENS) is "many", but must be a whole number of at least 1, or null.',
      'defaults.temperature (from the program) is 3, but must be a number from 0 to 2, or null.',
      'defaults.topP (from the program) is -0.1, but must be a number from 0 to 1, or null.',
      'retry.jitter (from book.json) is "some", but must be one of "full", "equal", "none".',
      'limits.maxRequests (from the program) is 0, but must be a whole number of at least 1.',
      'logging.level (from book.json) is 5, but must be one of "silent", "error", "warn", "info", "debug".',
      'plugins.openrouter.apiKey (OpenRouter API key) is required: set OPENROUTER_API_KEY or SCRIPTORIUM_PLUGINS_OPENROUTER_API_KEY.',
    ]);
  });

  it.each([
    [{ retrys: { maxAttempts: 2 } }, 'retrys.maxAttempts', 'retry.maxAttempts'],
    [{ retry: { max_attempts: 2 } }, 'retry.max_attempts', 'retry.maxAttempts'],
    [{ temperature: 0.5 }, 'temperature', 'defaults.temperature'],
    [{ defaults: { apiKey: 'k' } }, 'defaults.apiKey', 'plugins.openrouter.apiKey'],
    [{ plugins: { openrouter: { baseURL: 'http://x' } } }, 'plugins.openrouter.baseURL', 'plugins.openrouter.baseUrl'],
    [{ trasport: 'x' }, 'trasport', 'transport'],
    [{ ports: { cahce: { answerMs: 5 } } }, 'ports.cahce.answerMs', 'ports.cache.answerMs'],
    [{ retryBudget: { capacity: 5 } }, 'retryBudget.capacity', 'retry.budget.capacity'],
  ])('suggests the nearest key: %j', (values, given, nearest) => {
    const problems = problemsOf({ plugins: [openrouterSection({ apiKey: 'k' })], ...program(values) });
    expect(problems).toEqual([
      `${given} (from the program) is not a key of the configuration. Did you mean "${nearest}"?`,
    ]);
  });

  it('suggests nothing for a key that is like no other', () => {
    expect(problemsOf(program({ xyzzy: 1 }))).toEqual(['xyzzy (from the program) is not a key of the configuration.']);
  });

  it.each([
    [{ retry: { budget: 5 } }, 'retry.budget (from the program) is 5, but must be an object: it is a section.'],
    [{ retry: 5 }, 'retry (from the program) is 5, but must be an object: it is a section.'],
    [{ plugins: [] }, 'plugins (from the program) is [], but must be an object: it is a section.'],
    [
      { retry: { maxAttempts: {} } },
      'retry.maxAttempts (from the program) is {}, but must be a whole number of at least 1.',
    ],
    [{ rety: {} }, 'rety (from the program) is not a key of the configuration.'],
    [
      { retry: { maxAttempts: { deeper: 1 } } },
      'retry.maxAttempts.deeper (from the program) is not a key of the configuration.',
    ],
    [{ load: {} }, 'load (from the program) is {}, but must be a list of texts.'],
    [{ load: ['./a.js', ''] }, "load (from the program) is [ './a.js', '' ], but must be a list of texts."],
  ])('is refused for its shape: %j', (values, problem) => {
    expect(problemsOf(program(values))).toEqual([expect.stringContaining(problem.replace(/\.$/, ''))]);
  });

  it.each([NaN, Infinity, 1.5, ' ', '2x', true, null, [], new Date(0), 5n, () => 3, Symbol('x')])(
    'refuses %p as a whole number and shows it',
    (value) => {
      expect(problemsOf(program({ retry: { maxAttempts: value } }))).toEqual([
        expect.stringMatching(
          /^retry\.maxAttempts \(from the program\) is .+, but must be a whole number of at least 1\.$/s,
        ),
      ]);
    },
  );

  it('is refused for an empty text in every layer but the environment, where it counts as unset', () => {
    const anywhere = { doc: 'Anything', format: { description: 'a text', read: String }, default: 'x' } as const;
    expect(
      problemsOf({
        plugins: [
          openrouterSection({ apiKey: '', siteTitle: '' }),
          { name: 'odd', id: 'odd', options: { any: '' }, fragment: { any: anywhere } },
        ],
        files: [{ source: 'book.json', values: { defaults: { model: '' } } }],
        environment: { SITE_URL: '' },
        ...program({ load: '' }),
      }),
    ).toEqual([
      'load (from the program) is empty, but must be a list of texts. Set it, or leave it out.',
      'defaults.model (from book.json) is empty, but must be a text that is not empty. Set it, or leave it out.',
      'plugins.openrouter.apiKey (from the options of openrouter()) is empty, but must be a key of printable ASCII characters without blanks. Set it, or leave it out.',
      'plugins.openrouter.siteTitle (from the options of openrouter()) is empty, but must be a text of Latin-1 characters without line breaks. Set it, or leave it out.',
      'plugins.odd.any (from the options of odd()) is empty, but must be a text. Set it, or leave it out.',
    ]);
  });

  it('takes null only where the default is null', () => {
    expect(resolved(program({ defaults: { provider: null }, timeouts: { headersMs: null } })).values).toMatchObject({
      defaults: { provider: null },
      timeouts: { headersMs: null },
    });
    expect(problemsOf(program({ timeouts: { idleMs: null } }))).toEqual([
      expect.stringContaining('timeouts.idleMs (from the program) is null, but must be milliseconds'),
    ]);
  });

  it('refuses a required key that is null as missing', () => {
    expect(
      problemsOf({
        plugins: [openrouterSection({ apiKey: 'k' })],
        ...program({ plugins: { openrouter: { apiKey: null } } }),
      }),
    ).toEqual([expect.stringContaining('plugins.openrouter.apiKey (OpenRouter API key) is required')]);
  });

  it("names a plugin's default that is not of its own format", () => {
    const section = {
      name: 'odd',
      id: 'odd',
      options: {},
      fragment: { port: { doc: 'A port', format: 'port', default: -1 } },
    } as const;
    expect(problemsOf({ plugins: [section] })).toEqual([
      'plugins.odd.port (from its own default) is -1, but must be a whole number from 0 to 65535.',
    ]);
  });

  it('shows a long value cut and on one line', () => {
    const { message } = refusal(program({ logging: { level: `a\n${'b'.repeat(500)}` } }));
    expect(message.split('\n')).toHaveLength(2);
    expect(message.length).toBeLessThan(400);
  });
});

describe('sections of plugins', () => {
  it('that are not loaded are tolerated, whatever is in them', () => {
    const { values } = resolved(program({ plugins: { absent: { anything: { deep: 1 } }, other: {} } }));
    expect(values.plugins).toEqual({});
  });

  it('are checked for every instance by its own id', () => {
    const fragment = {
      size: { doc: 'A size', format: whole(1), default: 1 },
      name: { doc: 'A name', format: text, default: 'n' },
    };
    const plugins = ['box', 'crate'].map((id) => ({ name: 'box', id, options: {}, fragment }));
    expect(resolved({ plugins, ...program({ plugins: { crate: { size: 3 } } }) }).values.plugins).toEqual({
      box: { size: 1, name: 'n' },
      crate: { size: 3, name: 'n' },
    });
    expect(problemsOf({ plugins, ...program({ plugins: { crate: { sice: 3 } } }) })).toEqual([
      'plugins.crate.sice (from the program) is not a key of the configuration. Did you mean "plugins.crate.size"?',
    ]);
  });
});

describe('names that reach into prototypes', () => {
  it.each([
    '{"__proto__": {"polluted": 1}}',
    '{"retry": {"__proto__": {"maxAttempts": 1}}}',
    '{"constructor": {"prototype": {"polluted": 1}}}',
    '{"plugins": {"__proto__": {"polluted": 1}}}',
    '{"plugins": {"absent": {"constructor": {"prototype": {"polluted": 1}}}}}',
    '{"prototype": 1}',
  ])('are refused, in unknown sections too: %s', (json) => {
    expect(problemsOf(program(JSON.parse(json) as object))).toContainEqual(
      expect.stringMatching(/(__proto__|constructor|prototype) \(from the program\) is not allowed/),
    );
    expect({}).not.toHaveProperty('polluted');
  });

  it('P15: never change Object.prototype, whatever is configured', () => {
    const before = Object.getOwnPropertyNames(Object.prototype).sort();
    const name = fc.constantFrom(
      '__proto__',
      'constructor',
      'prototype',
      'plugins',
      'retry',
      'maxAttempts',
      'openrouter',
      'toString',
      'polluted',
    );
    const value = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(1, 'x', null),
        fc.array(fc.tuple(name, tie('tree')), { maxLength: 3 }).map(ownProperties),
      ),
    })).tree;
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 3 }).map(ownProperties), (values) => {
        try {
          resolved({
            plugins: [openrouterSection({ apiKey: 'k' })],
            files: [{ source: 'a', values }],
            ...program(values),
          });
        } catch (error) {
          expect(error).toMatchObject({ code: 'configuration' });
        }
        expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
        expect({}).not.toHaveProperty('polluted');
        expect(() => undefined).not.toHaveProperty('maxAttempts');
      }),
      RUNS,
    );
  });
});

/** As JSON.parse makes objects: `__proto__` is a name like any other. */
function ownProperties(entries: readonly (readonly [string, unknown])[]): object {
  return Object.fromEntries(entries);
}
