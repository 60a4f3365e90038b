import type { Clock } from './clock.js';
import { SILENT_MONITOR } from './monitor.js';
import type { Connection } from './provider.js';
import { Backpressure } from './util/backpressure.js';

/** Creates the connection for a question beside generations, which has no attempt and no reader. */
export function questionConnection(open: Connection['open'], clock: Clock): Connection {
  return { open, clock, monitor: SILENT_MONITOR, attempt: 0, backpressure: new Backpressure() };
}
