import { EXIT } from './exit-codes.js';
import type { Shell } from './shell.js';

/** Whoever reads our output may stop reading (`scriptorium models | head`): that ends the program, without complaint. */
export function exitOnClosedPipe(): void {
  process.stdout.on('error', quit);
  process.stderr.on('error', () => undefined);
}

/** For a command that has something to close first and listens itself. */
export function stayOnClosedPipe({ stdout }: Pick<Shell, 'stdout'>): void {
  stdout.off('error', quit);
}

function quit(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
}
