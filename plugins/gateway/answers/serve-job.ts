import { setMaxListeners } from 'node:events';
import { GenerationError } from 'scriptorium';
import type { GenerationEnd } from 'scriptorium/plugin';
import type { ChatDialect } from 'scriptorium/provider';
import type { Admitted } from '../access/access.js';
import type { Client } from '../access/client.js';
import type { Call, Job } from '../calls/call.js';
import { logUnexpected } from '../log-unexpected.js';
import type { GatewayParts } from '../parts.js';
import type { AnswerForm } from './answer-form.js';
import type { Outlet } from './outlet.js';
import { refusalOf } from './refusal.js';
import { NOTHING } from './spent.js';
import type { Bills } from './spent.js';

/** A job, and the way its answer takes. */
export interface Service {
  readonly job: Job;
  readonly form: AnswerForm;
  readonly outlet: Outlet;
  readonly dialect: ChatDialect;
  readonly bills: Bills;
}

/** Runs a job and answers it. Resolves when its generation is over, also if the client has left before; never rejects. */
export function serveJob(parts: GatewayParts, service: Service): Promise<void> {
  return new Serving(parts, service).run();
}

class Serving {
  private readonly leaving = new AbortController();
  private call: Call | undefined;
  private isWhole = false;

  constructor(
    private readonly parts: GatewayParts,
    private readonly service: Service,
  ) {}

  async run(): Promise<void> {
    const { job, outlet, bills } = this.service;
    const { access, calls } = this.parts;
    const { signal } = job.client;
    outlet.watch({ onFlushed: () => this.flushed(), onGone: () => this.leave() });
    const revoke = (): void => {
      this.fail(revoked(job.client));
      this.leave();
    };
    // One key may have thousands of generations.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', revoke);
    let admitted: Admitted | undefined;
    let spent = NOTHING;
    try {
      if (signal.aborted) throw revoked(job.client);
      let call = this.leaving.signal.aborted ? undefined : calls.known(job);
      if (call === undefined && calls.elsewhere !== undefined) call = await calls.elsewhere(job);
      if (call === undefined) {
        admitted = await access.admit(job.client, this.leaving.signal);
        if (this.leaving.signal.aborted) return;
        call = calls.open(job);
      }
      this.call = call;
      spent = bills.of(await this.answer(call));
    } catch (error) {
      spent = bills.of(GenerationError.is(error) ? error : undefined);
      this.fail(error);
      this.call?.abandon();
    } finally {
      signal.removeEventListener('abort', revoke);
      admitted?.release(spent);
    }
  }

  /** Sends an answer as it is written, and returns its end. After its client has left, reads on to learn the price. */
  private async answer(call: Call): Promise<GenerationEnd> {
    const { form, outlet } = this.service;
    let end: GenerationEnd | undefined;
    let last = '';
    for await (const event of call.events()) {
      if (event.type === 'generation-end') end = event;
      if (outlet.isClosed) continue;
      const text = form.take(event);
      if (event.type === 'generation-end') last = text;
      else if (text !== '' && !outlet.write(text)) await outlet.drained();
    }
    if (end === undefined) throw new GenerationError('internal', 'The generation ended without an end.');
    this.isWhole = true;
    outlet.end(last);
    return end;
  }

  private flushed(): void {
    if (this.isWhole) this.call?.delivered();
  }

  private leave(): void {
    this.leaving.abort();
    this.call?.abandon();
  }

  private fail(error: unknown): void {
    const { job, form, outlet, dialect } = this.service;
    logUnexpected(this.parts.pipeline.logger, error, `a chat completion of ${job.client.name}`);
    const refusal = refusalOf(error, { dialect, now: this.parts.clock.now() });
    outlet.fail(refusal, () => form.failure(refusal.failure));
  }
}

function revoked({ name }: Client): GenerationError {
  return new GenerationError('authentication', `The key "${name}" was revoked or has expired. Ask for a new one.`, {
    status: 401,
  });
}
