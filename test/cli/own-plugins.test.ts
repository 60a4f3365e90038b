import { describe, expect, it } from '@jest/globals';
import { withOwnPlugins } from '../../src/cli/own-plugins.js';

const GATEWAY = 'scriptorium/plugins/gateway';

const idsFor = async (...args: Parameters<typeof withOwnPlugins>) =>
  ((await withOwnPlugins(...args)).plugins ?? []).map(({ id }) => id);

describe('the plugins that the program loads by itself', () => {
  it('are those of the command, or all for the help', async () => {
    expect({
      serve: await idsFor({}, 'serve'),
      gateway: await idsFor({}, 'gateway'),
      book: await idsFor({}, 'book'),
      help: await idsFor({}, undefined),
      other: await idsFor({}, 'stats'),
    }).toEqual({
      ...{ serve: ['gateway'], gateway: ['gateway'], book: ['book'] },
      ...{ help: ['gateway', 'runs', 'book'], other: [] },
    });
  });

  it('are not loaded a second time where the configuration or the environment names them', async () => {
    const configFiles = [{ source: 'a.json', values: { load: [GATEWAY] } }];
    expect({
      inFile: await idsFor({ configFiles }, 'serve'),
      inEnvironment: await idsFor({ environment: { SCRIPTORIUM_LOAD: `a, ${GATEWAY}` } }, 'serve'),
      overridden: await idsFor({ configFiles, environment: { SCRIPTORIUM_LOAD: 'a' } }, 'serve'),
    }).toEqual({ inFile: [], inEnvironment: [], overridden: ['gateway'] });
  });
});

describe('the plugins of stores', () => {
  const file = (values: object) => ({ source: 'a.json', values });

  it('are loaded for every command once their address is set, in a file or in the environment', async () => {
    const inFile = [file({ plugins: { bullmq: { url: 'redis://a' } } })];
    expect({
      neither: await idsFor({}, 'stats'),
      inFile: await idsFor({ configFiles: inFile }, 'stats'),
      inEnvironment: await idsFor({ environment: { SCRIPTORIUM_PLUGINS_REDIS_URL: 'redis://a' } }, 'stats'),
      empty: await idsFor({ environment: { SCRIPTORIUM_PLUGINS_REDIS_URL: '' } }, 'stats'),
      both: await idsFor(
        { configFiles: inFile, environment: { SCRIPTORIUM_PLUGINS_REDIS_URL: 'redis://a' } },
        'worker',
      ),
    }).toEqual({
      neither: [],
      inFile: ['bullmq'],
      inEnvironment: ['redis'],
      empty: [],
      both: ['runs', 'redis', 'bullmq'],
    });
  });

  it('are not loaded a second time where the configuration names them', async () => {
    const configFiles = [file({ load: ['scriptorium/plugins/bullmq'], plugins: { bullmq: { url: 'redis://a' } } })];
    expect(await idsFor({ configFiles }, 'stats')).toEqual([]);
  });
});
