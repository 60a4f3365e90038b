import type { Writable } from 'node:stream';
import { lastValueFrom, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import { collect, GenerationError } from 'scriptorium';
import type { GenerationEvent, GenerationResult } from 'scriptorium';
import { columnsOf } from '../shown/columns.js';
import { shown, shownJson } from '../shown/shown-text.js';
import { stayOnClosedPipe } from './closed-pipe.js';
import { EXIT } from './exit-codes.js';
import type { Progress } from './progress.js';
import { JOINT } from './progress.js';
import { reportError } from './report-error.js';
import { say } from './say.js';
import type { Shell } from './shell.js';
import { terminalText } from './terminal-text.js';

export interface WriteParts {
  /** With `startOver`, what has been written can be dropped. */
  readonly destination: Writable & { readonly startOver?: () => void };
  /** One JSON object at the end instead of the text as it comes. */
  readonly asJson: boolean;
  readonly progress: Progress;
  readonly shell: Shell;
}

/** The generation to write; aborting the signal must end it. */
export type OpenGeneration = (signal: AbortSignal) => Observable<GenerationEvent>;

/** Writes a generation as it comes. Ctrl-C ends it and keeps what is written; a closed pipe ends it without complaint. Gives the exit code. */
export async function write(open: OpenGeneration, parts: WriteParts): Promise<number> {
  const { destination, asJson, progress, shell } = parts;
  const page = newPage(destination, asJson);
  const stop = newStop(destination, shell);
  const show = (event: GenerationEvent): void => {
    if (event.type === 'continuation' || event.type === 'restart') page.showRest();
    progress.show(event);
    if (asJson) return;
    if (event.type === 'text-delta') page.put(event.delta);
    else if (event.type === 'restart') page.startOver();
  };
  const leave = (last?: object): void => {
    progress.stop();
    if (asJson && last !== undefined) page.put(shownJson(last));
    page.endLine();
  };
  try {
    const result = await lastValueFrom(open(stop.signal).pipe(tap(show), collect()));
    leave(result);
    return closing(result, parts);
  } catch (error) {
    leave({ error });
    return stop.exitCode(progress) ?? reportError(error, shell);
  } finally {
    stop.release();
  }
}

/** What is written goes on at the same place; a destination that has failed gets nothing more. */
function newPage(destination: WriteParts['destination'], asJson: boolean) {
  const isTerminal = !asJson && columnsOf(destination) !== undefined;
  const terminal = isTerminal ? terminalText(() => columnsOf(destination) ?? Infinity) : undefined;
  let isLineOpen = false;
  const put = (text: string): void => {
    if (destination.errored !== null || text === '') return;
    isLineOpen = !text.endsWith('\n');
    destination.write(terminal === undefined ? text : terminal.take(text));
  };
  /** Something else comes into the line on the screen. */
  const showRest = (): void => {
    if (terminal === undefined || destination.errored !== null) return;
    destination.write(terminal.rest());
    terminal.skip(JOINT.length);
  };
  const endLine = (): void => {
    if (isLineOpen) put('\n');
  };
  /** What is on a screen or in a pipe cannot be taken back: the text begins again below. */
  const startOver = (): void => {
    if (destination.startOver === undefined) endLine();
    else destination.startOver();
  };
  return { put, showRest, endLine, startOver };
}

/** Whatever ends the work from outside: a signal, or a destination that takes no more. */
function newStop(destination: Writable, shell: Shell) {
  const controller = new AbortController();
  let end: ((progress: Progress) => number) | undefined;
  const by = (how: NonNullable<typeof end>) => {
    end ??= how;
    controller.abort();
  };
  const interrupt = (): void =>
    by((progress) => {
      progress.tellStopped();
      return EXIT.interrupted;
    });
  const terminate = (): void =>
    by((progress) => {
      progress.tellStopped();
      return EXIT.terminated;
    });
  shell.signals.once('SIGINT', interrupt);
  shell.signals.once('SIGTERM', terminate);
  if (destination === shell.stdout) stayOnClosedPipe(shell);
  destination.on('error', (error: NodeJS.ErrnoException) => {
    by(() =>
      error.code === 'EPIPE'
        ? EXIT.ok
        : reportError(new GenerationError('internal', `The text cannot be written: ${error.message}`), shell),
    );
  });
  return {
    signal: controller.signal,
    /** Undefined if nothing of the kind has happened. */
    exitCode: (progress: Progress) => end?.(progress),
    release: () => {
      shell.signals.off('SIGINT', interrupt);
      shell.signals.off('SIGTERM', terminate);
    },
  };
}

function closing(result: GenerationResult, { progress, shell: { stderr } }: WriteParts): number {
  progress.summarise(result);
  const { unified, raw } = result.finishReason;
  switch (unified) {
    case 'stop':
    case 'other':
    case 'tool-calls':
      return EXIT.ok;
    case 'length':
      say(stderr, shown`scriptorium: the text was cut by the token cap; raise --max-tokens\n`);
      return EXIT.cutByTokenCap;
    case 'content-filter':
      say(stderr, shown`scriptorium: the text is not whole: the model stopped with "${raw ?? unified}"\n`);
      return EXIT.failed;
  }
}
