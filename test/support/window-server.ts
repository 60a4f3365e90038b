import type { Host, World } from 'scriptorium/testing';

/** Limits of a simulated vendor; any of them may be Infinity. */
export interface WindowLimits {
  readonly windowMs: number;
  readonly requests: number;
  readonly tokens: number;
  /** A request is booked so long after it arrived, at random up to this. */
  readonly jitterMs: number;
}

/**
 * A vendor that keeps its limits to the letter: it books a request's size on arrival, and refuses what does not fit into
 * any window.
 */
export interface WindowServer {
  readonly host: Host;
  /** The base URL. */
  readonly url: string;
  /** Requests that were let in, in their order. */
  readonly booked: readonly Booking[];
  readonly refused: readonly Booking[];
}

/** A request's size. */
export interface Booking {
  /** Virtual milliseconds since the start of the world. */
  readonly at: number;
  readonly tokens: number;
}

interface Asked {
  readonly messages: readonly { readonly content: string }[];
  readonly max_tokens: number;
}

/** Adds such a vendor to a world. */
export function windowServer(world: World, limits: WindowLimits): WindowServer {
  const booked: Booking[] = [];
  const refused: Booking[] = [];
  const random = world.random('window server');
  const host = world.host('window.test', async ({ body }, exchange) => {
    const { messages, max_tokens: output } = JSON.parse(body) as Asked;
    await exchange.pause(random() * limits.jitterMs);
    const input = messages.reduce((sum, { content }) => sum + Math.ceil(content.length / 4), 0);
    const booking = { at: world.elapsedMs, tokens: input + output };
    const recent = booked.filter(({ at }) => at > booking.at - limits.windowMs);
    const isIn =
      recent.length < limits.requests &&
      recent.reduce((sum, { tokens }) => sum + tokens, booking.tokens) <= limits.tokens;
    (isIn ? booked : refused).push(booking);
    exchange.open(isIn ? 200 : 429, { 'content-type': 'application/json' });
    await exchange.end(JSON.stringify(isIn ? completion(input, output) : REFUSAL));
  });
  return { host, url: `${host.url}/api/v1`, booked, refused };
}

const REFUSAL = { error: { code: 429, message: 'Rate limit exceeded' } };

function completion(input: number, output: number): object {
  return {
    choices: [{ message: { content: 'Done.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: input, completion_tokens: output },
  };
}

/**
 * When each of these calls would go, one after the other, if somebody who sees everything let each in at the first moment
 * at which it fits. By brute force: for each call all moments at which something leaves the window are tried in order.
 */
export function simulatedTimes(
  sizes: readonly number[],
  { windowMs, requests, tokens }: WindowLimits,
): readonly number[] {
  const sent: Booking[] = [];
  for (const size of sizes) {
    const earliest = sent.at(-1)?.at ?? 0;
    const moments = [earliest, ...sent.map(({ at }) => at + windowMs).filter((at) => at > earliest)];
    const at = moments.find((moment) => {
      const recent = sent.filter((booking) => booking.at > moment - windowMs);
      return recent.length < requests && recent.reduce((sum, booking) => sum + booking.tokens, size) <= tokens;
    });
    if (at === undefined) throw new Error(`A call of ${size} tokens never fits.`);
    sent.push({ at, tokens: size });
  }
  return sent.map(({ at }) => at);
}
