import { describe, expect, it } from '@jest/globals';
import { createPipeline, memoryStateStore, pluginCommands, tokens } from 'scriptorium';
import type { Clock, DependencyContainer } from 'scriptorium';
import { definePlugin, secret } from 'scriptorium/plugin';
import type { Plugin, PluginHost } from 'scriptorium/plugin';
import { ManualClock } from 'scriptorium/testing';
import { CANARY } from '../support/pipelines.js';
import { aPlugin, still } from '../plugins/a-plugin.js';

const SHARED = memoryStateStore();

const keeper: Plugin = definePlugin({
  name: 'keeper',
  apiVersion: 1,
  config: { key: { doc: 'A key', format: secret(), default: null } },
  options: { key: CANARY },
  setup: () => undefined,
});

async function hostOf(options: Parameters<typeof createPipeline>[0] = {}): Promise<PluginHost<object>> {
  const hosts: PluginHost<object>[] = [];
  const pipeline = await createPipeline({
    environment: {},
    ...options,
    plugins: [still, keeper, aPlugin('curious', (host) => void hosts.push(host))],
  });
  await pipeline.dispose();
  return hosts[0]!;
}

describe('a part of its own that a plugin keeps in a replaced store', () => {
  const replacing = aPlugin('replacing', (host) => host.replace(tokens.STATE_STORE, SHARED));
  const asking = (found: unknown[]) =>
    aPlugin('asking', (host) => {
      const shared = host.replacement(tokens.STATE_STORE);
      host.onDispose(() => void found.push(shared()));
    });

  it('is the replacement itself, without a fence, in a pipeline and in a command', async () => {
    const [inPipeline, inCommand]: [unknown[], unknown[]] = [[], []];
    const pipeline = await createPipeline({ environment: {}, plugins: [still, asking(inPipeline), replacing] });
    await pipeline.dispose();
    const { dispose } = await pluginCommands({ environment: {}, plugins: [asking(inCommand), replacing] });
    await dispose();
    expect({ inPipeline, inCommand }).toEqual({ inPipeline: [SHARED], inCommand: [SHARED] });
    expect(inPipeline[0]).toBe(SHARED);
  });

  it('is that of the program, if the program registered one, and undefined if nothing is replaced', async () => {
    const [ofProgram, none]: [unknown[], unknown[]] = [[], []];
    const register = (container: DependencyContainer) =>
      void container.register(tokens.STATE_STORE, { useValue: SHARED });
    await (await createPipeline({ environment: {}, plugins: [still, asking(ofProgram)], register })).dispose();
    await (await createPipeline({ environment: {}, plugins: [still, asking(none)] })).dispose();
    expect({ ofProgram, none }).toEqual({ ofProgram: [SHARED], none: [undefined] });
  });
});

describe('answers over HTTP that plugins offer', () => {
  it('are listed by the pipeline, in the order of the plugins', async () => {
    const offering = (path: string) =>
      aPlugin(path.slice(1), (host) => host.addEndpoint({ path, summary: 'A list', handle: () => undefined }));
    await using pipeline = await createPipeline({ environment: {}, plugins: [still, offering('/b'), offering('/a')] });
    expect(pipeline.endpoints().map(({ path }) => path)).toEqual(['/b', '/a']);
  });
});

describe("a plugin's host", () => {
  it('masks the secrets of all plugins, and shows none', async () => {
    const { redact } = await hostOf();
    expect(redact(`Bearer ${CANARY}, twice: ${CANARY}`)).toBe('Bearer [secret], twice: [secret]');
    expect(redact('Nothing to hide.')).toBe('Nothing to hide.');
  });

  it("provides the pipeline's own clock", async () => {
    const clock: Clock = new ManualClock(1_000);
    expect(
      (await hostOf({ register: (container) => container.register(tokens.CLOCK, { useValue: clock }) })).clock,
    ).toBe(clock);
    expect((await hostOf()).clock.now()).toBeGreaterThan(1_000);
  });

  it("masks with the pipeline's redaction if that has been replaced", async () => {
    const { redact } = await hostOf({
      register: (container) =>
        container.register(tokens.REDACT, { useValue: (text: string) => text.replaceAll('Ada', 'A.') }),
    });
    expect(redact('Ada wrote.')).toBe('A. wrote.');
  });
});
