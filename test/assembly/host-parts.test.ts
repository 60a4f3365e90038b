import { describe, expect, it } from '@jest/globals';
import { createPipeline, tokens } from 'scriptorium';
import type { Clock } from 'scriptorium';
import { definePlugin, secret } from 'scriptorium/plugin';
import type { Plugin, PluginHost } from 'scriptorium/plugin';
import { ManualClock } from 'scriptorium/testing';
import { CANARY } from '../support/pipelines.js';
import { aPlugin, still } from '../plugins/a-plugin.js';

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
