import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach } from '@jest/globals';
import type { ConfigInput, InterceptorDefinition } from 'scriptorium';
import type { Plugin } from 'scriptorium/plugin';
import { from, switchMap } from 'rxjs';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator, EmulatorOptions } from 'scriptorium/testing';
import { startGateway } from '../../../../plugins/gateway/server/start-gateway.js';
import type { RunningGateway } from '../../../../plugins/gateway/server/start-gateway.js';
import type { ServerOptions } from '../../../../plugins/gateway/server/server-options.js';
import { pipelineTo } from '../../../support/pipelines.js';

/** A gateway that listens, and the emulator behind it. */
export interface Served {
  readonly gateway: RunningGateway;
  readonly emulator: Emulator;
  readonly url: string;
  readonly port: number;
}

const cleanUps: (() => Promise<void> | void)[] = [];

/** Runs after the test, before what was opened earlier is closed. */
export function afterwards(run: () => Promise<void> | void): void {
  cleanUps.push(run);
}

afterEach(async () => {
  for (const run of cleanUps.splice(0).reverse()) await run();
});

export interface ServedOptions extends ServerOptions {
  readonly emulator?: EmulatorOptions;
  readonly config?: ConfigInput;
  readonly plugins?: readonly Plugin[];
  /** Called as a generation begins, which waits for it. */
  readonly until?: () => Promise<void>;
}

/** Starts a gateway on a free port, over an emulator with short texts. */
export async function served({
  emulator: vendor,
  config,
  until,
  plugins = [],
  ...options
}: ServedOptions = {}): Promise<Served> {
  const emulator = await startEmulator({ words: 20, tokensPerSecond: 0, ...vendor });
  afterwards(() => emulator.close());
  const pipeline = await pipelineTo(
    emulator.url,
    { ...config, defaults: { model: 'scriptorium/exact', ...config?.defaults } },
    { interceptors: until === undefined ? [] : [waitingFor(until)], plugins },
  );
  afterwards(() => pipeline.dispose());
  const gateway = await startGateway(pipeline, { port: 0, ...options });
  afterwards(() => gateway.close(0));
  return { gateway, emulator, url: gateway.url, port: Number(new URL(gateway.url).port) };
}

function waitingFor(until: () => Promise<void>): InterceptorDefinition {
  return {
    name: 'waiting',
    phase: 'prepare',
    intercept: (request, next) => from(until()).pipe(switchMap(() => next(request))),
  };
}

/** An answer as a bare socket sees it. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** A socket to the gateway whose errors are ignored, with all that it receives. */
export function aSocket(port: number): { readonly socket: Socket; readonly received: () => string } {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let text = '';
  socket.on('data', (piece: string) => (text += piece)).on('error', () => undefined);
  afterwards(() => void socket.destroy());
  return { socket, received: () => text };
}

/** Sends bytes and returns the answer, once the gateway has closed the connection. */
export async function sent(port: number, bytes: string): Promise<RawAnswer> {
  const { socket, received } = aSocket(port);
  socket.write(bytes);
  await once(socket, 'close');
  return parsed(received());
}

/** The first answer in a text from the wire. */
export function parsed(text: string): RawAnswer {
  const [head = '', ...body] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body: body.join('\r\n\r\n') };
}
