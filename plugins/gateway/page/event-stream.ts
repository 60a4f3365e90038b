import type { FastifyReply } from 'fastify';
import type { Viewer } from './feed/feed.js';

/** Opens an answer of server-sent events and hands it over as a viewer. */
export function eventStream(reply: FastifyReply): Viewer {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'close',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  return {
    isReady: () => !raw.writableNeedDrain && !raw.destroyed,
    send: (text) => void raw.write(text),
    // A reader that is behind would keep the server from closing.
    end: () => {
      if (raw.writableNeedDrain) raw.destroy();
      else raw.end();
    },
  };
}
