import { afterEach } from '@jest/globals';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import type { ConfigInput, Pipeline } from 'scriptorium';
import { createGateway } from 'scriptorium/plugins/gateway';
import type { GatewayOptions } from 'scriptorium/plugins/gateway';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator, EmulatedVendorOptions } from 'scriptorium/testing';
import { pipelineTo } from '../../../support/pipelines.js';

/** A gateway on this machine before a pipeline. */
export interface GatewayScene {
  readonly port: number;
  readonly app: FastifyInstance;
  readonly pipeline: Pipeline;
}

const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** @param url the vendor's base URL */
export async function aGateway(
  url: string,
  options: GatewayOptions = {},
  config: ConfigInput = {},
): Promise<GatewayScene> {
  const pipeline = await pipelineTo(url, config);
  open.push(() => pipeline.dispose());
  const app = fastify({ forceCloseConnections: true });
  await app.register(createGateway(pipeline, options));
  await app.listen({ port: 0, host: '127.0.0.1' });
  open.push(() => app.close());
  return { port: (app.server.address() as AddressInfo).port, app, pipeline };
}

/** An emulated vendor that is closed after the test. */
export async function anEmulator(options: EmulatedVendorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator(options);
  open.push(() => emulator.close());
  return emulator;
}

/** Closes something after the test. */
export function closing<T extends { close(): Promise<unknown> }>(thing: T): T {
  open.push(() => thing.close());
  return thing;
}
