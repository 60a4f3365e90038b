import type { Body } from './body.js';
import { CONNECTION_GONE } from '../../emulator/exchange.js';
import type { AnswerHeaders, Ending, Exchange } from '../../emulator/exchange.js';
import type { SimulatedHost } from './host.js';
import { Waits } from './waits.js';
import type { Wires } from './wires.js';

/** The client as the server reaches it: each step arrives after the latency, in order. */
export interface ClientSide {
  readonly body: Body;
  head(status: number, headers: AnswerHeaders): void;
  bytes(piece: Uint8Array): void;
  end(): void;
  /** The server has closed the connection within the answer, or before its head. */
  cut(isHeadSent: boolean): void;
}

/** Dependencies of a server's side. */
export interface ServerSideParts {
  readonly wires: Wires;
  readonly host: SimulatedHost;
  readonly client: ClientSide;
  /** Aborted once the exchange is over for the server. */
  readonly gone: AbortController;
}

/** The server's side of one exchange over the virtual network. */
export class ServerSide implements Exchange {
  isOpen = false;
  private isSent = false;
  private readonly waits: Waits;

  constructor(private readonly parts: ServerSideParts) {
    this.waits = new Waits(parts.gone.signal);
  }

  get ending(): Ending | undefined {
    if (!this.signal.aborted) return undefined;
    if (this.isSent) return 'sent';
    return this.parts.host.down === undefined ? 'lost' : 'shut-down';
  }

  get signal(): AbortSignal {
    return this.parts.gone.signal;
  }

  open(status: number, headers: AnswerHeaders): void {
    const { wires, client } = this.parts;
    this.isOpen = true;
    wires.traced(new TextEncoder().encode(JSON.stringify(headers)));
    client.head(status, headers);
  }

  write(text: string): Promise<void> {
    const { wires, client } = this.parts;
    if (this.signal.aborted) return Promise.reject(CONNECTION_GONE);
    const bytes = Buffer.from(text);
    wires.traced(bytes);
    client.body.expect(bytes.length);
    for (const piece of wires.split(bytes)) client.bytes(piece);
    return client.body.hasRoom(this.waits);
  }

  async end(text = ''): Promise<void> {
    if (text !== '') await this.write(text);
    this.isSent = true;
    this.parts.client.end();
  }

  hangUp(): void {
    this.cut();
  }

  reset(): void {
    this.cut();
  }

  pause(ms: number): Promise<void> {
    return ms <= 0 ? Promise.resolve() : this.waits.orGone((resolve) => this.parts.host.clock.setTimer(ms, resolve));
  }

  async untilGone(): Promise<never> {
    await this.waits.orGone(() => () => undefined);
    throw CONNECTION_GONE;
  }

  private cut(): void {
    this.parts.gone.abort(CONNECTION_GONE);
    this.parts.client.cut(this.isOpen);
  }
}
