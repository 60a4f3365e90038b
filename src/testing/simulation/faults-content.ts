import { anywhere, later } from './faults-row.js';
import type { SimulatedFault } from './faults-row.js';
import { oneOf } from './seeded.js';

const OPEN_CALL = {
  tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{"word": "wha' } }],
};

/** An event of a stream, with its type if it has one. */
function event(data: unknown, type?: string): string {
  return `${type === undefined ? '' : `event: ${type}\n`}data: ${JSON.stringify(data)}\n\n`;
}

function chunk(delta: unknown, index = 0): string {
  return event({ choices: [{ index, delta, finish_reason: null }] });
}

function usage(tokens: number): object {
  return { prompt_tokens: tokens, completion_tokens: tokens, total_tokens: 2 * tokens, cost: tokens / 1e6 };
}

/** Rows 73 to 79 and 90 to 93: what the events of a stream say. */
const EVENT_FAULTS: readonly SimulatedFault[] = [
  { row: 73, title: 'an event that is not JSON', vendor: (random) => ({ garbage: anywhere(random) }) },
  {
    row: 74,
    title: 'JSON of another shape',
    vendor: (random) => ({
      garbage: anywhere(random),
      data: oneOf(random, ['42', 'null', '[{"choices":[]}]', '{"choices":["text"]}', '{"choices":{}}']),
    }),
  },
  {
    row: 74,
    title: 'a chunk without text',
    vendor: (random) => ({
      insert: { at: anywhere(random), text: oneOf(random, [chunk(null), event({ type: 'ping' }), chunk({})]) },
    }),
  },
  { row: 75, title: 'an error as the first event', vendor: () => ({ errorChunk: { afterDeltas: 0 } }) },
  {
    row: 75,
    title: 'a rate limit as the first event',
    vendor: () => ({ errorChunk: { afterDeltas: 0 }, error: { code: 429, message: 'Slow down' } }),
  },
  {
    row: 75,
    title: 'a final error as the first event',
    vendor: () => ({ errorChunk: { afterDeltas: 0 }, error: { code: 400, message: 'Bad prompt' } }),
  },
  {
    row: 76,
    title: 'an event of the type "error" after some text',
    vendor: (random) => ({
      insert: {
        at: later(random),
        text: event({ error: { type: 'overloaded_error', message: 'Overloaded' } }, 'error'),
      },
    }),
  },
  {
    row: 77,
    title: 'an error with the finish reason "error"',
    vendor: (random) => ({ errorChunk: anywhere(random), withUsage: true, done: true }),
  },
  {
    row: 77,
    title: 'an error within the choice',
    vendor: (random) => ({
      errorChunk: anywhere(random),
      error: { code: 503, message: 'Overloaded' },
      errorIn: 'choice',
    }),
  },
  {
    row: 78,
    title: 'an event of an unknown type',
    vendor: (random) => ({ insert: { at: anywhere(random), text: event({ type: 'load', load: 0.5 }, 'vendor.load') } }),
  },
  { row: 79, title: 'a clean stop without text', vendor: () => ({ empty: true }) },
  {
    row: 90,
    title: 'a tool call that is cut in the middle',
    vendor: (random) => {
      const place = anywhere(random);
      return { insert: { at: place, text: chunk(OPEN_CALL) }, reset: place };
    },
  },
  {
    row: 91,
    title: 'a second choice between the chunks of the first',
    vendor: (random) => ({ insert: { at: later(random), text: chunk({ content: 'Another answer.' }, 1) } }),
  },
  {
    row: 93,
    title: 'reasoning alone, and then a reset',
    vendor: () => ({
      insert: { at: 'after-headers', text: chunk({ reasoning_content: 'Let me think.' }) },
      reset: { afterDeltas: 0 },
    }),
  },
];

/** Rows 80 to 89: how a stream ends. */
const END_FAULTS: readonly SimulatedFault[] = [
  { row: 80, title: 'a second [DONE]', vendor: () => ({ insert: { at: 'after-done', text: 'data: [DONE]\n\n' } }) },
  {
    row: 81,
    title: 'data after [DONE]',
    vendor: () => ({ insert: { at: 'after-done', text: chunk({ content: ' And more.' }) } }),
  },
  { row: 82, title: 'a connection that stays open after [DONE]', vendor: () => ({ stall: 'after-done' }) },
  { row: 83, title: 'a finish reason and no [DONE]', vendor: () => ({ noDone: true }) },
  {
    row: 84,
    title: '[DONE] without a finish reason',
    vendor: (random) => ({ truncate: anywhere(random), done: true }),
  },
  { row: 85, title: 'an end before the usage', vendor: () => ({ truncate: 'after-finish' }) },
  { row: 86, title: 'a reset after the finish reason', vendor: () => ({ reset: 'after-finish' }) },
  { row: 87, title: 'no usage', vendor: () => ({ noUsage: true }) },
  {
    row: 87,
    title: 'usage of null beside empty choices',
    vendor: () => ({ insert: { at: 'after-finish', text: event({ choices: [], usage: null }) } }),
  },
  {
    row: 88,
    title: 'usage that grows',
    vendor: (random) => ({ insert: { at: later(random), text: event({ choices: [], usage: usage(1) }) } }),
  },
  {
    row: 89,
    title: 'a finish reason other than "stop"',
    vendor: (random) => ({ finishReason: oneOf(random, ['content_filter', 'MALFORMED_FUNCTION_CALL', '__proto__']) }),
  },
];

/** Rows 73 to 93: all bytes come, and say something unexpected. */
export const CONTENT_FAULTS: readonly SimulatedFault[] = [...EVENT_FAULTS, ...END_FAULTS];
