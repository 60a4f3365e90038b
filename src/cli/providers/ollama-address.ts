/** Ollama's own port, where an address names none. */
const PORT = '11434';
/** Addresses on which a server listens everywhere; a client asks this machine. */
const ANYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '[::]']);

/**
 * Reads the variable `OLLAMA_HOST`, which Ollama's server and its clients share.
 * @example
 * ollamaAddress('0.0.0.0') // 'http://127.0.0.1:11434/v1'
 */
export function ollamaAddress(host: string): string | undefined {
  const text = host.trim();
  const full = /^https?:\/\//.test(text) ? text : `http://${text}`;
  if (!URL.canParse(full)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(full);
  // A URL leaves out the port that its scheme has by default.
  const named = /:\d+$/.exec(new RegExp('^https?://[^/]*').exec(full)?.[0] ?? '')?.[0].slice(1);
  const at = ANYWHERE.has(hostname) ? '127.0.0.1' : hostname;
  const path = pathname.replace(/\/+$/, '');
  return `${protocol}//${at}:${port || (named ?? (full === text ? defaultPort(protocol) : PORT))}${path.endsWith('/v1') ? path : `${path}/v1`}`;
}

function defaultPort(protocol: string): string {
  return protocol === 'https:' ? '443' : '80';
}
