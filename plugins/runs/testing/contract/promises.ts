import { ATTEMPTS } from './attempts.js';
import { CHANGING } from './changing.js';
import { CREATING } from './creating.js';
import { LEASES } from './leases.js';
import { MONEY } from './money.js';
import { ORDER } from './order.js';
import { PARKING } from './parking.js';
import type { JournalCheck } from './scene.js';
import { TAKEOVERS } from './takeovers.js';
import { TEXTS } from './texts.js';
import { TRIES } from './tries.js';
import { VIEWS } from './views.js';

/** The promises of every journal, each a sentence with the check that proves it. */
export const JOURNAL_PROMISES = {
  ...CREATING,
  ...LEASES,
  ...TAKEOVERS,
  ...TEXTS,
  ...ATTEMPTS,
  ...TRIES,
  ...ORDER,
  ...PARKING,
  ...MONEY,
  ...CHANGING,
  ...VIEWS,
} as const satisfies Readonly<Record<string, JournalCheck>>;
