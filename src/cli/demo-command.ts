import { Option } from 'commander';
import type { Command } from 'commander';
import { stayOnClosedPipe } from './closed-pipe.js';
import { EXIT } from './exit-codes.js';
import { number } from './options.js';
import { reportError } from './report-error.js';
import type { Shell } from './shell.js';
import { stopSignal } from './stop-signal.js';
import type { StopSignal } from './stop-signal.js';

interface DemoOptions {
  readonly seed?: number;
  readonly seconds: number;
  readonly json?: true;
}

/** How often the screen is redrawn. */
const FRAME_MS = 100;

/** `scriptorium demo`: a bare client and a pipeline write the same chapters with a server that fails. */
export function addDemo(program: Command, shell: Shell): void {
  program
    .command('demo')
    .description(
      'show a bare client and scriptorium writing the same chapters while 40 % of requests fail; needs no key',
    )
    .option('--seed <n>', 'the same texts and faults again (default: a random one)', number)
    .addOption(new Option('--seconds <n>', 'about how long it takes').default(20).argParser(number))
    .option('--json', 'print one JSON object at the end')
    .action(async (options: DemoOptions) => {
      shell.exitWith(await demonstrate(options, shell));
    });
}

async function demonstrate(
  { seed = Math.floor(Math.random() * 10_000), seconds, json }: DemoOptions,
  shell: Shell,
): Promise<number> {
  // Loaded only where it is wanted.
  const [{ startStorm }, { jsonScreen, openScreen }, { isIdentical }] = await Promise.all([
    import('./storm/storm.js'),
    import('./storm/screen.js'),
    import('./storm/tally.js'),
  ]);
  const stop = newStop(shell);
  const screen = json === true ? jsonScreen(shell.stdout) : openScreen(shell.stdout, shell.env);
  const storm = await startStorm({ seed, seconds, signal: stop.signal, onFinished: screen.finished });
  const draw = (): void => screen.show(storm.board());
  draw();
  const frames = setInterval(draw, FRAME_MS);
  try {
    const { tallies } = await storm.ended;
    return isIdentical(tallies.ours) ? EXIT.ok : EXIT.failed;
  } catch (error) {
    return stop.exitCode() ?? reportError(error, shell);
  } finally {
    clearInterval(frames);
    screen.end(storm.board());
    stop.release();
  }
}

/** Ends the storm by a signal, or when the output takes no more. */
function newStop(shell: Shell): StopSignal {
  const stop = stopSignal(shell);
  stayOnClosedPipe(shell);
  shell.stdout.on('error', () => stop.stop(EXIT.ok));
  return stop;
}
