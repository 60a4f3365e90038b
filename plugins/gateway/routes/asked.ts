import type { FastifyRequest } from 'fastify';
import type { Asked } from '../access/access.js';
import { labelsInUrl } from '../answers/labels-in-url.js';

/**
 * The parts of a request that access depends on.
 * @throws GenerationError `invalid-input` for malformed labels in the path
 */
export function askedOf({ headers, raw, routeOptions }: FastifyRequest): Asked {
  const at = routeOptions.url?.split('/').indexOf(':labels') ?? -1;
  // The router has decoded its parameter, so the text between the slashes is read.
  const segment = at < 0 ? undefined : raw.url?.split('?', 1)[0]?.split('/')[at];
  return { headers, inUrl: segment === undefined ? {} : labelsInUrl(segment) };
}
