import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import * as root from 'scriptorium';
import * as bookgen from 'scriptorium/bookgen';
import * as plugin from 'scriptorium/plugin';
import * as provider from 'scriptorium/provider';
import * as testing from 'scriptorium/testing';
import { declarationsOf } from '../support/unexported-types.js';

const ENTRIES = { root, plugin, provider, testing, bookgen };

/** Every value of every entry, by hand: a value is added to the public surface on purpose. */
const VALUES: Readonly<Record<keyof typeof ENTRIES, readonly string[]>> = {
  root: [
    ...['createPipeline', 'collect', 'onlyText', 'readText', 'keepWhole', 'answerKey', 'countWords', 'WordCounter'],
    ...['GenerationError', 'AbortError', 'ApiError', 'BudgetError', 'ConfigError', 'InterruptedError'],
    ...['InvalidObjectError', 'RateLimitError', 'RetryExhaustedError', 'TimeoutError'],
    ...['loadConfig', 'describeConfig', 'pluginCommands', 'Secret'],
    ...['PHASES', 'contextKey', 'RequestContext'],
    ...['tokens', 'createContainer', 'inject', 'injectable', 'fileStateStore', 'memoryStateStore'],
  ],
  plugin: [
    ...['definePlugin', 'PLUGIN_API_VERSION'],
    ...['baseUrl', 'between', 'either', 'flag', 'headerValue', 'list', 'milliseconds', 'oneOf', 'record', 'secret'],
    'secrets',
    ...['routeList', 'text', 'whole', 'modelName'],
    ...['isCommitPoint', 'ATTEMPT_MONITOR', 'ATTEMPT_NUMBER', 'monitorAfter', 'ERROR_CODES', 'toGenerationError'],
    ...['isInterimStatus', 'noFinalAnswer', 'makeFolder', 'replaceFile', 'MAY_RESTART', 'ACCOUNT_BUDGETS'],
    ...['columnsOf', 'cutToWidth', 'shown', 'shownJson', 'shownLine', 'shownText', 'widthOf', 'didYouMean'],
    ...['dialProxy', 'dialTunnel', 'refusedByProxy'],
    ...['batched', 'sumCost', 'sumUsage', 'systemClock', 'strictestLimits'],
  ],
  provider: [
    ...['httpProvider', 'byCredential', 'CREDENTIAL', 'accountName', 'endpointUrl', 'lowerCaseNames', 'getJson'],
    ...['cutShort', 'malformed', 'refuseEmpty'],
    ...['chatBody', 'chatCap', 'ChatReader', 'readUsage'],
    ...['readChatRequest', 'chatAnswer', 'ChatChunks', 'chatFailure', 'chatUsage'],
    ...['asErrorText', 'asList', 'asObject', 'asText', 'parseObject'],
    ...['asCount', 'asDollars', 'asNumber', 'asResetTime', 'isAccountDollars', 'isDollars', 'isPrice', 'WrongNumbers'],
    ...['never', 'shouldRetry', 'statusOf', 'verdictOfStatus', 'positive', 'retryAfterMs', 'waitInBody'],
    ...['errorInBody', 'errorOf', 'reasonOf', 'codesOf', 'statusWithin', 'verdictOfWords', 'durationMs', 'settingOf'],
    ...['snippet', 'unexpectedContent', 'withRemedy', 'remedyFor', 'keyRemedy', 'AN_HTML_PAGE'],
    ...['finishReasonOf', 'joinPieces', 'keptAsItCame', 'Unknown', 'thoughtsFrom', 'THOUGHTS_IN_TEXT', 'withoutCalls'],
    ...['continuedMessages', 'fitsPattern', 'prefillFrom', 'modelVersion', 'onceEach'],
    ...['textIn', 'wholeCharacters', 'SESSION'],
  ],
  testing: [
    'startEmulator',
    ...['describeInterceptor', 'describeProvider', 'describeSink', 'describeTransport'],
    ...['INTERCEPTOR_PROMISES', 'PROVIDER_PROMISES', 'SINK_PROMISES'],
    ...['describeBreakers', 'describeCacheStore', 'describeLimitStore', 'describeRetryBudgets', 'describeSlots'],
    ...['describeSpending', 'describeStateStore', 'BREAKERS_PROMISES', 'CACHE_STORE_PROMISES', 'LIMIT_STORE_PROMISES'],
    ...['RETRY_BUDGETS_PROMISES', 'SLOTS_PROMISES', 'SPENDING_PROMISES', 'STATE_STORE_PROMISES'],
    ...['chatDialect', 'providerOf', 'sinkOf'],
    ...['FakeTransport', 'ManualClock', 'MemorySink', 'aChatStream', 'aRequest', 'checkGrammar', 'globalRunner'],
    ...['simulate', 'SimulationError', 'emulatedVendor', 'SIMULATED_FAULTS'],
  ],
  bookgen: ['OpenRouterClient', 'OpenRouterException', 'APIException', 'RateLimitException', 'RetryException'],
};

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

describe('the values of the entries', () => {
  it.each(Object.keys(VALUES) as (keyof typeof VALUES)[])('are those of the list: %s', (entry) => {
    expect(Object.keys(ENTRIES[entry]).sort()).toEqual([...VALUES[entry]].sort());
  });

  it('number 32 at most in the root', () => {
    expect(Object.keys(root).length).toBeLessThanOrEqual(32);
  });

  it('are each in one entry only, under one name', () => {
    const names = Object.values(ENTRIES).flatMap((entry) => Object.keys(entry));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    const { bookgen: _otherNames, ...owners } = ENTRIES;
    const objects = Object.values(owners)
      .flatMap((entry) => Object.values(entry) as unknown[])
      .filter((value) => typeof value === 'object' || typeof value === 'function');
    expect(new Set(objects).size).toBe(objects.length);
  });

  it('of bookgen are the client, and other names for the error classes of the root', () => {
    const { OpenRouterException, APIException, RateLimitException, RetryException } = bookgen;
    expect({ OpenRouterException, APIException, RateLimitException, RetryException }).toEqual({
      OpenRouterException: root.GenerationError,
      APIException: root.ApiError,
      RateLimitException: root.RateLimitError,
      RetryException: root.RetryExhaustedError,
    });
  });
});

describe('the types of the entries', () => {
  const built = fileURLToPath(new URL('../../dist/', import.meta.url));
  const entries = ['index', 'plugin', 'provider', 'testing', 'bookgen'].map((name) => join(built, `src/${name}.d.ts`));
  const plugins = readdirSync(join(built, 'plugins')).map((name) => join(built, 'plugins', name));

  it('can all be imported from the entry whose signatures mention them, and those of a plugin from the plugin', () => {
    const unexported = declarationsOf([...entries, ...plugins.map((plugin) => join(plugin, 'index.d.ts'))]);
    expect({
      ...Object.fromEntries(entries.map((entry) => [relative(built, entry), unexported(entry, join(built, 'src'))])),
      ...Object.fromEntries(
        plugins.map((plugin) => [relative(built, plugin), unexported(join(plugin, 'index.d.ts'), plugin)]),
      ),
    }).toEqual(Object.fromEntries([...entries, ...plugins].map((path) => [relative(built, path), []])));
  });

  it('are looked for in signatures, in other types, and in aliases that a module does not export', () => {
    const folder = mkdtempSync(join(tmpdir(), 'scriptorium-entry-'));
    folders.push(folder);
    const entry = join(folder, 'entry.d.ts');
    writeFileSync(join(folder, 'inner.d.ts'), INNER);
    writeFileSync(entry, "export { House, open } from './inner.js';");
    expect(declarationsOf([entry])(entry, folder)).toEqual([
      { name: 'Door', file: 'inner.d.ts', mentionedBy: ['Openings', 'Room'] },
      { name: 'Room', file: 'inner.d.ts', mentionedBy: ['House', 'open'] },
      { name: 'Window', file: 'inner.d.ts', mentionedBy: ['Openings'] },
    ]);
  });
});

/** `Key` is in a private member, and `Openings` is private to the module: its own types are not. */
const INNER = `
export interface Key { readonly door: Door }
export interface Door { readonly isOpen: boolean }
export interface Window { readonly isOpen: boolean }
type Openings = Door | Window;
export interface Room { readonly first: Door }
export declare class House { private key: Key; readonly openings: readonly Openings[]; readonly rooms: readonly Room[] }
export declare function open(house: House): Promise<Room>;
export {};
`;
