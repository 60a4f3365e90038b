import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ChatDialect } from 'scriptorium/provider';
import type { Client } from '../access/client.js';
import type { GatewayParts } from '../parts.js';
import { chatJob } from './chat-job.js';
import { jsonForm } from './json-form.js';
import { Outlet } from './outlet.js';
import { serveJob } from './serve-job.js';
import type { Bills } from './spent.js';
import { streamForm } from './stream-form.js';

/** A request to answer. */
export interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly client: Client;
  readonly inUrl: Readonly<Record<string, string>>;
  readonly dialect: ChatDialect;
  readonly bills: Bills;
}

/**
 * Answers a chat completion. Resolves when its generation is over.
 * @throws GenerationError before anything is sent, if the request is malformed or not allowed
 */
export async function answerChat(parts: GatewayParts, exchange: Exchange): Promise<void> {
  const { request, reply, client, inUrl, dialect, bills } = exchange;
  const { headers, url, raw } = request;
  const { clock, holdHeadersMs, keepAliveMs } = parts;
  const body = request.body as string;
  const { job, isStream, wantsUsage } = chatJob(parts, { headers, inUrl, client, path: url, body });
  const created = Math.floor(clock.now() / 1_000);
  const model = job.input.model ?? 'default';
  const form = isStream ? streamForm({ created, model, dialect, wantsUsage }) : jsonForm(created);
  reply.hijack();
  const outlet = new Outlet(reply.raw, raw.socket, {
    clock,
    keepAliveMs,
    holdMs: isStream || client.policy.keepAliveJson === true ? holdHeadersMs : undefined,
    filler: form.filler,
    // Headers that hooks of the application have set.
    shared: reply.getHeaders() as OutgoingHttpHeaders,
    head: () => form.head(),
  });
  await serveJob(parts, { job, form, outlet, dialect, bills });
}
