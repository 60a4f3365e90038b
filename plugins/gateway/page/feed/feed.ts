import type { Cancel, Clock, Pipeline } from 'scriptorium/plugin';
import { nextBatch, NOTHING_SENT } from './batch.js';
import type { Moment, Sent } from './batch.js';
import { Board } from './board.js';
import { OverviewReader } from './overview.js';
import type { Overview, OverviewParts } from './overview.js';

/** A connection of someone who watches. */
export interface Viewer {
  /** Whether everything sent so far has left. A viewer that is not ready gets the changes later, as one batch. */
  isReady(): boolean;
  send(text: string): void;
  end(): void;
}

export interface FeedParts extends OverviewParts {
  readonly pipeline: Pick<Pipeline, 'generations$'> & OverviewParts['pipeline'];
  readonly clock: Clock;
  readonly keepAliveMs: number;
}

/** The pause between two batches. */
export const BATCH_MS = 250;

/** The slow sections are read once in so many batches. */
const OVERVIEW_EVERY = 8;

/**
 * Sends the state of a pipeline to those who watch: everything at first, then the changes, at most four times a second.
 * It follows the generations from its start on, so that a page that is opened later, or again, shows all that run. Close
 * it, or it follows them until the pipeline is disposed.
 */
export class Feed {
  private readonly viewers = new Map<Viewer, { sent: Sent; sentAt: number }>();
  private readonly overviewReader: OverviewReader;
  private readonly board: Board;
  private overview: Overview | undefined;
  private ticks = 0;
  private isClosed = false;
  private cancelTick: Cancel = () => undefined;

  constructor(private readonly parts: FeedParts) {
    this.overviewReader = new OverviewReader(parts);
    this.board = new Board(parts.pipeline, parts.clock, () => this.end());
  }

  get watching(): number {
    return this.viewers.size;
  }

  /** Adds a viewer, which gets its first batch at once. Returns the function that removes it. */
  watch(viewer: Viewer): Cancel {
    if (this.isClosed) {
      viewer.end();
      return () => undefined;
    }
    if (this.viewers.size === 0) this.tickLater();
    this.viewers.set(viewer, { sent: NOTHING_SENT, sentAt: this.parts.clock.monotonic() });
    this.update(viewer, this.momentNow());
    return () => {
      if (this.viewers.delete(viewer) && this.viewers.size === 0) this.rest();
    };
  }

  /** Ends every viewer, and follows no generation any more. */
  close(): void {
    this.board.close();
    this.end();
  }

  private end(): void {
    this.isClosed = true;
    const viewers = [...this.viewers.keys()];
    this.viewers.clear();
    this.rest();
    for (const viewer of viewers) viewer.end();
  }

  private rest(): void {
    this.cancelTick();
    this.overview = undefined;
    this.ticks = 0;
  }

  private tickLater(): void {
    this.cancelTick = this.parts.clock.setTimer(BATCH_MS, () => this.tick());
  }

  private tick(): void {
    this.tickLater();
    this.ticks += 1;
    if (this.ticks % OVERVIEW_EVERY === 1) this.overview = undefined;
    const moment = this.momentNow();
    for (const viewer of this.viewers.keys()) if (viewer.isReady()) this.update(viewer, moment);
  }

  private momentNow(): Moment {
    const tally = this.board.measure();
    const { shown, ended } = this.board;
    const overview = (this.overview ??= this.overviewReader.read());
    return { at: this.parts.clock.now(), tally, shown, ended, overview };
  }

  private update(viewer: Viewer, moment: Moment): void {
    const state = this.viewers.get(viewer);
    if (state === undefined) return;
    const { batch, sent } = nextBatch(moment, state.sent);
    const now = this.parts.clock.monotonic();
    if (batch !== undefined) viewer.send(`data: ${JSON.stringify(batch)}\n\n`);
    else if (now - state.sentAt >= this.parts.keepAliveMs) viewer.send(': keep-alive\n\n');
    else return;
    this.viewers.set(viewer, { sent, sentAt: now });
  }
}
