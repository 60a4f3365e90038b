import { Agent } from 'node:http';

/** The stack at the moment when a request reaches its socket. */
export interface SocketStack {
  readonly frames: number;
  /** Those in node_modules/rxjs. */
  readonly rxjsFrames: number;
}

/** Called by `http.request`; Node's types leave it out. */
interface RequestQueue {
  addRequest(...request: unknown[]): void;
}

/**
 * Watches `http.Agent.prototype.addRequest` and passes the stack of each call on. From the subscription to there everything
 * runs synchronously, with node-fetch and `http.request` as the innermost frames; `open()` of a transport would miss those,
 * and `createConnection` is not called for a connection that is kept alive. The frame of the watch itself is not counted.
 */
export function watchSockets(onRequest: (stack: SocketStack) => void): void {
  const queue = Agent.prototype as unknown as RequestQueue;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its agent below
  const { addRequest } = queue;
  queue.addRequest = function watched(...request) {
    onRequest(currentStack(watched));
    addRequest.apply(this, request);
  };
}

/** Counts the frames outside of a function. */
function currentStack(outside: (...given: never[]) => unknown): SocketStack {
  const holder: { stack: string } = { stack: '' };
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = Infinity;
  Error.captureStackTrace(holder, outside);
  Error.stackTraceLimit = limit;
  const frames = holder.stack.split('\n').filter((line) => /^ +at /.test(line));
  return { frames: frames.length, rxjsFrames: frames.filter((line) => line.includes('/node_modules/rxjs/')).length };
}
