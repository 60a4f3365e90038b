import type { FastifyRequest } from 'fastify';
import type { Asked } from '../access/access.js';

/** The parts of a request that access depends on. */
export function askedOf({ headers, params }: FastifyRequest): Asked {
  const { labels = '' } = params as { readonly labels?: string };
  const pairs = labels.split(',').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  });
  return { headers, inUrl: Object.fromEntries(pairs.filter(([name]) => name !== '')) };
}
