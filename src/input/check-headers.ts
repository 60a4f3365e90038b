/** They say how the bytes travel over one connection: the transport's own affair. A wrong one splits requests or hangs them. */
const OF_THE_TRANSPORT: ReadonlySet<string> = new Set([
  'connection', 'content-length', 'expect', 'host', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade',
]);

/** What is wrong with the names of a request's headers: some are not the caller's to set. Nothing if they are right. */
export function problemOfHeaders(headers: Readonly<Record<string, string>>): string | undefined {
  for (const name of Object.keys(headers).map((given) => given.toLowerCase())) {
    if (OF_THE_TRANSPORT.has(name) || name.startsWith('proxy-')) return `headers must not hold "${name}": the transport sets what belongs to the connection.`;
    if (name === 'authorization') {
      return 'headers must not hold "authorization": the key is the plugin\'s (apiKey), and a second key is a second instance of it, such as openrouter({ id: "second" }).';
    }
  }
  return undefined;
}
