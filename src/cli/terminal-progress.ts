import { styleText } from 'node:util';
import ora from 'ora';
import type { ErrorCode, GenerationEvent } from 'scriptorium';
import { WordCounter } from 'scriptorium';
import { columnsOf } from '../shown/columns.js';
import { shown, shownLine } from '../shown/shown-text.js';
import { cutToWidth } from '../shown/width.js';
import type { Shown } from '../shown/shown-text.js';
import { JOINT, noteOn } from './progress.js';
import type { Progress } from './progress.js';
import { lines, print, say } from './say.js';
import type { Shell } from './shell.js';
import { summary } from './summary.js';

/** How often the seconds in the moving line are brought up to date. */
const REFRESH_MS = 250;
/** The spinner, the blanks beside it, and the cursor. */
const SPINNER_WIDTH = 4;

/**
 * A spinner that says what is being waited for, until the first word. From then on the text itself is what moves, if it
 * goes to the same terminal; if not, the line counts words. At the end a summary.
 * @param isTextVisible whether the text streams to the terminal
 */
export function terminalProgress(stderr: Shell['stderr'], isTextVisible: boolean): Progress {
  const pace = measurePace();
  let line: Line = since('waiting for the first word');
  const columns = (): number => columnsOf(stderr) ?? Infinity;
  const shownNow = (): string => cutToWidth(shownLine(line()), columns() - SPINNER_WIDTH);
  // A spinner counts its lines by the width of the stream, and would never end on one of 0 columns.
  const stream = Object.create(stderr, { columns: { get: columns } }) as NodeJS.WriteStream;
  const spinner = ora({ stream, text: shownNow(), discardStdin: false }).start();
  const refresh = (): void => {
    spinner.text = shownNow();
  };
  const timer = setInterval(refresh, REFRESH_MS);
  const stop = (): void => {
    // Once only: stopping clears the line, and by now the text may stand there.
    if (spinner.isSpinning) spinner.stop();
    clearInterval(timer);
  };
  return {
    show: (event) => {
      if (event.type === 'text-delta') {
        pace.take(event.delta);
        if (isTextVisible) stop();
      }
      if (event.type === 'warning') say(stderr, shown`scriptorium: ${event.message}\n`);
      note(stderr, event, isTextVisible);
      const next = lineFor(event, pace);
      if (next === undefined || next === line) return;
      line = next;
      refresh();
    },
    stop,
    summarise: (result) => {
      if (isTextVisible) say(stderr, shown`\n`);
      say(stderr, lines(summary(result, pace, columnsOf(stderr))));
    },
    tellStopped: () => say(stderr, shown`\nstopped after ${pace.words()} words\n`),
  };
}

/** A text that stands on the screen is not torn apart where it goes on: there the note is a mark in its line. */
function note(stderr: Shell['stderr'], event: GenerationEvent, isTextVisible: boolean): void {
  const text = noteOn(event);
  if (text === undefined) return;
  if (!isTextVisible) say(stderr, shown`scriptorium: ${text}\n`);
  else if (event.type === 'continuation') print(stderr, styleText('dim', JOINT) as Shown);
  else say(stderr, shown`\nscriptorium: ${text}\n`);
}

/** The text of the moving line, at this moment. */
type Line = () => string;
type Pace = ReturnType<typeof measurePace>;

/** What to show from this event on; nothing for an event that changes nothing. */
function lineFor(event: GenerationEvent, pace: Pace): Line | undefined {
  switch (event.type) {
    case 'attempt-start':
      return since(`waiting for the first word of ${event.model}`);
    case 'reasoning-delta':
      return pace.describeThinking;
    case 'text-delta':
      return pace.describe;
    case 'retry-scheduled':
      return until(
        `${REASONS[event.reason] ?? event.reason}; trying again`,
        Date.now() + event.delayMs,
        (seconds) => ` in ${seconds} s`,
      );
    case 'waiting':
      return event.untilMs === undefined
        ? since(WAITS[event.for])
        : until(WAITS[event.for], event.untilMs, (seconds) => `, ${seconds} s to go`);
    default:
      return undefined;
  }
}

const WAITS = {
  'rate-limit': 'waiting for the rate limit',
  quota: "the provider's limit is reached",
  breaker: 'waiting for the provider to recover',
  slot: 'waiting for a free slot',
  'retry-budget': 'waiting before trying again',
  budget: 'waiting for the budget',
  store: 'waiting for the limit store',
} as const;

const REASONS: Partial<Record<ErrorCode, string>> = {
  'rate-limit': "the provider's rate limit is reached",
  overloaded: 'the provider is overloaded',
  'server-error': 'the provider failed',
  connection: 'the connection failed',
  dns: 'the host was not found',
  timeout: 'no answer in time',
  'empty-answer': 'the answer was empty',
  truncated: 'the answer broke off',
  'malformed-answer': 'the answer made no sense',
};

/** Short waits are not counted: the figure would only flicker. */
function since(text: string): Line {
  const from = Date.now();
  return () => {
    const seconds = Math.floor((Date.now() - from) / 1000);
    return seconds < 3 ? text : `${text}, ${seconds} s`;
  };
}

function until(text: string, epochMs: number, tell: (seconds: number) => string): Line {
  return () => {
    const seconds = Math.ceil((epochMs - Date.now()) / 1000);
    return seconds < 1 ? text : text + tell(seconds);
  };
}

/** Counts what comes. The speed is that of the writing alone, without the wait for the first word. */
function measurePace() {
  const startedAt = performance.now();
  const counter = new WordCounter();
  let firstAt = startedAt;
  let deltas = 0;
  const secondsSince = (moment: number): number => (performance.now() - moment) / 1000;
  return {
    take: (delta: string): void => {
      if (deltas === 0) firstAt = performance.now();
      deltas += 1;
      counter.take(delta);
    },
    words: () => counter.words,
    seconds: () => secondsSince(startedAt),
    /** Undefined for a text that came all at once. */
    perSecond: (tokens: number) => (deltas > 1 ? tokens / secondsSince(firstAt) : undefined),
    describe: () =>
      `${counter.words} words${deltas > 20 ? `, ${(deltas / secondsSince(firstAt)).toFixed(0)} tokens/s` : ''}`,
    describeThinking: since('the model is thinking'),
  };
}
