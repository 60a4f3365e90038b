// A mutant may make a subscriber throw after its test is over; that must not end the process that tests the next one.
import { config } from 'rxjs';

config.onUnhandledError = () => undefined;
