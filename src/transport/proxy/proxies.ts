import { ConfigError } from '../../core/errors/classes.js';
import { proxySecrets, readProxy, withoutUser } from '../../core/http-proxy.js';
import type { HttpProxy } from '../../core/http-proxy.js';
import type { Secret } from '../../core/secret.js';
import { directHosts } from './no-proxy.js';

/** The proxies of a pipeline. */
export interface Proxies {
  /** Returns the proxy for a URL; undefined if there is none for any. @throws ConfigError for an address of another kind */
  readonly choose: ((url: string) => HttpProxy | undefined) | undefined;
  /** The passwords of the proxies, so that no message shows them. */
  readonly secrets: readonly Secret[];
}

interface Setting {
  readonly address: string;
  readonly source: string;
}

/**
 * Reads the proxies from the configuration and the environment. As in curl, a variable in lower case wins over the same in
 * upper case, and `ALL_PROXY` serves where the scheme has no variable of its own.
 * @param proxy the setting `proxy`: `env`, false, or an address
 */
export function proxiesOf(proxy: string | false, environment: NodeJS.ProcessEnv): Proxies {
  const variable = (name: string): Setting | undefined =>
    [name.toLowerCase(), name]
      .map((source) => ({ source, address: environment[source] ?? '' }))
      .find(({ address }) => address.trim() !== '');
  if (proxy === false) return { choose: undefined, secrets: [] };
  const own = proxy === 'env' ? undefined : { address: proxy, source: 'proxy' };
  const settings: Readonly<Record<string, Setting | undefined>> = {
    'http:': own ?? variable('HTTP_PROXY') ?? variable('ALL_PROXY'),
    'https:': own ?? variable('HTTPS_PROXY') ?? variable('ALL_PROXY'),
  };
  const inUse = Object.values(settings).filter((setting) => setting !== undefined);
  if (inUse.length === 0) return { choose: undefined, secrets: [] };
  const isDirect = directHosts(variable('NO_PROXY')?.address ?? '');
  const read = new Map(inUse.map(({ address, source }) => [source, readProxy(address, source)]));
  return {
    choose: (text) => {
      const url = new URL(text);
      const setting = settings[url.protocol];
      if (setting === undefined || isDirect(url)) return undefined;
      return read.get(setting.source) ?? refuse(setting);
    },
    secrets: inUse.flatMap(({ address }) => proxySecrets(address)),
  };
}

function refuse({ address, source }: Setting): never {
  throw new ConfigError(
    `${source} is ${withoutUser(address)}, which is not the address of an HTTP proxy. Set it to http://HOST:PORT or https://HOST:PORT, name the host in NO_PROXY, or set proxy to false.`,
    { neverSent: true },
  );
}
