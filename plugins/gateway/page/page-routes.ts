import { setMaxListeners } from 'node:events';
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { GenerationError } from 'scriptorium';
import { chatFailure } from 'scriptorium/provider';
import type { Access } from '../access/access.js';
import type { Client } from '../access/client.js';
import { checkMayWatch } from '../access/may-watch.js';
import { eventStream } from './event-stream.js';
import { Feed } from './feed/feed.js';
import type { FeedParts } from './feed/feed.js';
import { PAGE, PAGE_HEADERS } from './html/page.js';

/** The most connections to `/events`. */
export const MOST_VIEWERS = 32;

/** The parts of a gateway that its page uses. */
export interface PageParts extends FeedParts {
  readonly access: Pick<Access, 'clientOf' | 'clients'>;
}

/** The page, which has no data in it, and the events that it shows. Only the events need a key. */
export const pageRoutes =
  (parts: PageParts): FastifyPluginCallback =>
  (app, _options, done) => {
    const feed = new Feed(parts);
    // Before the server waits for its connections to end.
    app.addHook('preClose', (closed) => {
      feed.close();
      closed();
    });
    app.get('/', { schema: { hide: true } }, (_request, reply) => reply.headers(PAGE_HEADERS).send(PAGE));
    app.get('/events', { exposeHeadRoute: false, schema: { hide: true } }, (request, reply) => {
      const client = clientOrRefusal(parts, feed, request);
      if (client instanceof GenerationError) return refuse(reply, client, parts.clock.now());
      watch(feed, client, reply);
      return reply;
    });
    done();
  };

function clientOrRefusal({ access }: PageParts, feed: Feed, { headers }: FastifyRequest): Client | GenerationError {
  try {
    const client = access.clientOf({ headers, inUrl: {} });
    checkMayWatch(client);
    if (feed.watching < MOST_VIEWERS) return client;
    return new GenerationError('unavailable', `${MOST_VIEWERS} pages watch already. Close one of them.`);
  } catch (error) {
    if (GenerationError.is(error)) return error;
    throw error;
  }
}

function refuse(reply: FastifyReply, error: GenerationError, now: number): FastifyReply {
  const { status, body } = chatFailure(error, { dialect: 'openai', now });
  return reply.code(status).header('cache-control', 'no-store').send(body);
}

/** A revoked or expired key ends the connection. */
function watch(feed: Feed, { signal }: Client, reply: FastifyReply): void {
  const viewer = eventStream(reply);
  const leave = feed.watch(viewer);
  const revoked = (): void => viewer.end();
  reply.raw.once('close', () => {
    signal.removeEventListener('abort', revoked);
    leave();
  });
  // Several pages may watch with one key.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', revoked, { once: true });
  if (signal.aborted) revoked();
}
