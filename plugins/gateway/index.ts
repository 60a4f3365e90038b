import { fileStateStore, tokens } from 'scriptorium';
import { definePlugin, list, milliseconds, text, whole } from 'scriptorium/plugin';
import type { Plugin, StateStore } from 'scriptorium/plugin';
import { checkPolicies, checkPolicy } from './access/policies/check-policies.js';
import type { Policy } from './access/policy.js';
import { gatewayCommand } from './commands/gateway-command.js';
import { serveCommand } from './commands/serve-command.js';
import { keyMask } from './key-mask.js';
import type { RunsSource } from './page/feed/runs.js';
import { onePolicy, policies } from './policy-format.js';

export { createGateway } from './create-gateway.js';
export { startGateway } from './server/start-gateway.js';
export type { RunningGateway } from './server/start-gateway.js';
export type { ServerOptions } from './server/server-options.js';
export type { GatewayOptions } from './options.js';
export type { MetricsHandler } from './parts.js';
export type { RunsSource, RunStatus } from './page/feed/runs.js';
export type { Policy } from './access/policy.js';

/** Options of `gateway`, which are its configuration. */
export interface GatewayPluginOptions {
  /** The id of this instance; its configuration is then `plugins.<id>`. */
  readonly id?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly allowHosts?: readonly string[] | undefined;
  readonly provider?: string | undefined;
  readonly holdHeadersMs?: number | undefined;
  readonly keepAliveMs?: number | undefined;
  readonly drainMs?: number | undefined;
  readonly keysFile?: string | undefined;
  readonly policy?: Policy | undefined;
  readonly policies?: Readonly<Record<string, Policy>> | undefined;
  /** The runs that the page of `serve` shows; not a key of the configuration. */
  readonly runs?: RunsSource | undefined;
}

const CONFIG = {
  host: {
    doc: 'The address to listen on; others than loopback addresses need a key',
    format: text,
    default: '127.0.0.1',
  },
  port: { doc: 'The port; 0 takes any that is free', format: whole(0, 65_535), default: 8_787 },
  allowHosts: { doc: 'Further names under which clients ask, such as that of a proxy', format: list, default: [] },
  provider: {
    doc: 'The provider that receives the fields of a request which the pipeline does not know',
    format: text,
    default: 'openrouter',
  },
  holdHeadersMs: { doc: 'How long the status line waits for the first word', format: milliseconds, default: 5_000 },
  keepAliveMs: {
    doc: 'The pause between the comments that keep a stream open',
    format: milliseconds,
    default: 15_000,
  },
  drainMs: { doc: 'How long running answers may take after a signal', format: milliseconds, default: 30_000 },
  keysFile: {
    doc: 'The file of the keys, relative to the working folder; not used where a plugin replaces the state store',
    format: text,
    default: '.scriptorium/gateway.json',
  },
  policies: {
    doc: 'The policies that keys and requests name',
    format: policies,
    default: null,
  },
  policy: {
    doc: 'The policy of requests without a key, and the defaults of all others',
    format: onePolicy,
    default: null,
  },
} as const;

/**
 * Adds the command `scriptorium serve`, which puts the pipeline of the configuration behind HTTP, and masks the keys of the
 * configuration in what models write. The packages `fastify` and `@fastify/swagger` must be installed beside this one.
 * @see docs/gateway.md
 */
export function gateway({ id = 'gateway', runs, ...options }: GatewayPluginOptions = {}): Plugin {
  return definePlugin({
    name: 'gateway',
    id,
    apiVersion: 1,
    config: CONFIG,
    options,
    setup: (host) => {
      const { drainMs, policy, policies: named, keysFile, ...server } = host.config;
      const replacement = host.replacement(tokens.STATE_STORE);
      const options = {
        ...server,
        policy: checkPolicy(policy ?? {}, `plugins.${id}.policy`),
        policies: checkPolicies(named ?? {}, `plugins.${id}.policies`),
        runs,
        keys: sharedOr(replacement, fileStateStore(keysFile)),
        // Other plugins may replace it after this one is set up.
        get shared() {
          return replacement();
        },
      };
      host.addInterceptor(keyMask(host.redact));
      const own = id === 'gateway';
      host.addCommand(serveCommand({ name: own ? 'serve' : `serve-${id}`, options, drainMs }));
      host.addCommand(gatewayCommand({ name: id, store: options.keys, policies: options.policies, clock: host.clock }));
    },
  });
}

/** The store that replaces the pipeline's, which other machines share, or else the file. All plugins are set up by then. */
function sharedOr(shared: () => StateStore | undefined, file: StateStore): StateStore {
  return { update: (key, change) => (shared() ?? file).update(key, change) };
}

/** So that a configuration can load it by name: `"load": ["scriptorium/plugins/gateway"]`. */
export default gateway;
