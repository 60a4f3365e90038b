import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { answer } from './metrics-server.js';

/** The metrics of one pipeline as they are shown. */
export class Exposition {
  /** @param measure brings the gauges up to date that are read off, not counted */
  constructor(
    private readonly registry: Registry,
    private readonly measure: () => void,
  ) {}

  /** In Prometheus' text format. */
  text(): Promise<string> {
    this.measure();
    return this.registry.metrics();
  }

  /** Answers GET and HEAD with the text, whatever the path. */
  async handle({ method }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      answer(response, 405, 'Only GET and HEAD.\n');
      return;
    }
    try {
      const text = await this.text();
      if (response.headersSent || response.destroyed) return;
      response.writeHead(200, { 'content-type': this.registry.contentType, 'content-length': Buffer.byteLength(text) });
      response.end(method === 'HEAD' ? undefined : text);
    } catch (error) {
      answer(response, 500, `The metrics cannot be told: ${String(error)}\n`);
    }
  }
}
