type Headers = { get(name: string): string | null };

const OF_REQUESTS = ['accept', 'content-type', 'anthropic-version', 'anthropic-beta', 'openai-beta'];

/** What a pipeline may act on, and what helps to read a recording. All others, cookies above all, are left out. */
const OF_RESPONSES = [
  'content-type',
  'content-encoding',
  'date',
  'location',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
  'x-generation-id',
  'x-request-id',
  'request-id',
  ...['limit', 'remaining', 'reset'].flatMap((what) =>
    ['', '-requests', '-tokens'].map((of) => `x-ratelimit-${what}${of}`),
  ),
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].flatMap((of) =>
    ['limit', 'remaining', 'reset'].map((what) => `anthropic-ratelimit-${of}-${what}`),
  ),
];

/** The headers of a request that are kept, by lower-case name. */
export function requestHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const lowerCase = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.fromEntries(
    OF_REQUESTS.flatMap((name) => (lowerCase.has(name) ? [[name, lowerCase.get(name) ?? '']] : [])),
  );
}

/** The headers of a response that are kept. */
export function responseHeaders(headers: Headers): Readonly<Record<string, string>> {
  return Object.fromEntries(
    OF_RESPONSES.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}
