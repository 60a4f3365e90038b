import { Observable } from 'rxjs';
import type { Clock } from '../../core/clock.js';
import type { TimeoutError } from '../../core/errors/classes.js';
import type { InterceptorDefinition } from '../../core/interceptor.js';
import { ATTEMPT_MONITOR, monitorAfter } from '../../core/monitor.js';
import type { TimeoutSettings } from '../../core/settings.js';
import { stateOf } from '../../core/state.js';
import { Watchdog } from './watchdog.js';

/** Ends an attempt that has stopped moving. It listens to the attempt's monitor, so it costs nothing per event of the stream. */
export function timeouts(settings: TimeoutSettings, clock: Clock): InterceptorDefinition {
  return {
    name: 'timeouts',
    phase: 'attempt',
    intercept: (request, next) =>
      new Observable((subscriber) => {
        const { context, overrides, wire } = request;
        const { backpressure, current } = stateOf(request);
        const limits = { ...settings, ...overrides.timeouts };
        // An interceptor further in holds the answer, whole or left. Its own time limit names it, and asks nothing again.
        const expire = (error: TimeoutError): void => {
          if (current?.finalUsage === undefined && current?.isHeld !== true) subscriber.error(error);
        };
        const watchdog = new Watchdog({ limits, wire, clock, expire });
        subscriber.add(() => watchdog.stop());
        subscriber.add(backpressure.onChange((isPaused) => watchdog.suspend(isPaused)));
        if (backpressure.isPaused) watchdog.suspend(true);
        watchdog.start();
        const monitor = monitorAfter(context.get(ATTEMPT_MONITOR), watchdog);
        next({ ...request, context: context.with(ATTEMPT_MONITOR, monitor) }).subscribe(subscriber);
      }),
  };
}
