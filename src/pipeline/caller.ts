/** The place in a program that asked for a generation. Its text is made only when it is read. */
export interface Caller {
  readonly stack?: string;
}

/** Notes the place that called a function. @param below the function; its own frames are left out */
export function callerOf(below: (...args: never) => unknown): Caller {
  const caller: Caller = {};
  Error.captureStackTrace(caller, below);
  return caller;
}

/** Frames of the pipeline's own methods, which lead to the caller. */
const OWN_FRAME = /^ +at (\w+\.)?(ComposedPipeline|Object)\.(open|stream|iterate|text|generate|start|mapped)\b/;

/** The stack of an error, followed by the frames of the caller: the error itself arises long after the call has returned. */
export function stackWithCaller(stack: string, { stack: called = '' }: Caller): string {
  const frames = called.split('\n').slice(1);
  const own = frames.findIndex((frame) => !OWN_FRAME.test(frame));
  const [first, ...others] = own < 0 ? [] : frames.slice(own);
  if (first === undefined || stack.includes(first)) return stack;
  return [stack, '    --- the generation was asked for ---', first, ...others].join('\n');
}
