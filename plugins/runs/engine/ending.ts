import type { GenerationEnd, GenerationError } from 'scriptorium';
import type { Parking } from '../journal/journal.js';

/** How the generation of an item has ended. */
export type Ending =
  | { readonly type: 'end'; readonly event: GenerationEnd }
  | { readonly type: 'error'; readonly error: GenerationError }
  /** The engine has ended it: the work stops, the wait is too long, or its text was voided. */
  | { readonly type: 'left'; readonly error: GenerationError; readonly why: Leaving }
  /** Nothing more may be written. */
  | { readonly type: 'lost' };

/** An end that is journalled. */
export type Ended = Exclude<Ending, { readonly type: 'lost' }>;

/** Why the engine ends a generation. */
export type Leaving = { readonly type: 'stop' | 'restart' } | { readonly type: 'park'; readonly parking: Parking };
