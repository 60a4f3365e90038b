import type { Breakers, Clock } from 'scriptorium/plugin';
import type { Instruments } from './instruments.js';
import type { Labeller, LabelValues } from './labeller.js';

export interface Route {
  readonly provider: string;
  readonly model: string;
}

/** Further routes are not looked at. */
const MOST_ROUTES = 1_000;

interface Gate {
  readonly values: LabelValues;
  /** Epoch milliseconds. */
  heldUntil: number;
}

/** What keeps requests away from the routes that have been used: read off when somebody asks for the metrics. */
export class Gates {
  private readonly gates = new Map<string, Gate>();
  private breakers: Pick<Breakers, 'isOpen'> | undefined;

  constructor(
    private readonly gauges: Instruments['gauges'],
    private readonly labeller: Labeller,
    private readonly clock: Clock,
  ) {}

  /** Those of the pipeline, once it is put together. */
  useBreakers(breakers: Pick<Breakers, 'isOpen'>): void {
    this.breakers = breakers;
  }

  /** Requests take this route. @param heldUntil until when they are held back, epoch milliseconds */
  note({ provider, model }: Route, heldUntil = 0): void {
    const key = `${provider}/${model}`;
    const gate = this.gates.get(key) ?? { values: this.labeller.route({ provider, model }), heldUntil };
    gate.heldUntil = Math.max(gate.heldUntil, heldUntil);
    if (this.gates.size < MOST_ROUTES) this.gates.set(key, gate);
  }

  /** Sets the gauges to the present state. Of routes that share their labels the worst is shown. */
  measure(): void {
    const { breakerOpen, limitHeld } = this.gauges;
    const now = this.clock.now();
    const open = new Worst();
    const held = new Worst();
    for (const [key, { values, heldUntil }] of this.gates) {
      open.add(values, this.breakers?.isOpen(key) === true ? 1 : 0);
      held.add(values, Math.max(0, heldUntil - now) / 1_000);
    }
    breakerOpen.reset();
    limitHeld.reset();
    for (const { values, value } of open.all()) breakerOpen.set(values, value);
    for (const { values, value } of held.all()) limitHeld.set(values, value);
  }
}

/** The greatest value of each set of labels. */
class Worst {
  private readonly found = new Map<string, { readonly values: LabelValues; readonly value: number }>();

  add(values: LabelValues, value: number): void {
    const key = JSON.stringify(values);
    if (value >= (this.found.get(key)?.value ?? value)) this.found.set(key, { values, value });
  }

  all(): Iterable<{ readonly values: LabelValues; readonly value: number }> {
    return this.found.values();
  }
}
