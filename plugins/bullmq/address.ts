/** The stores on which BullMQ keeps a queue. */
export type Backend = 'redis' | 'postgres';

const BACKENDS: Readonly<Record<string, Backend>> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
};

/** The store that an address leads to; undefined if it is not one of them. */
export function backendOf(address: string): Backend | undefined {
  return URL.canParse(address) ? BACKENDS[new URL(address).protocol] : undefined;
}

/** An address without its password, user and options, for people. */
export function shownAddress(address: string): string {
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
