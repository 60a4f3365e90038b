import { OWN_LABELS } from './label-names.js';

/** Stands for every value beyond the cap. */
export const OTHER = 'other';

/** What a stat or a request says of itself. */
export interface Subject {
  readonly provider: string;
  readonly model: string;
  readonly labels: Readonly<Record<string, string>>;
}

export type LabelValues = Readonly<Record<string, string>>;

/**
 * Picks the labels that the allow-list names, with at most so many values each: the first ones that come are kept for good,
 * all further ones are "other". A label that a request does not have is empty, which to Prometheus is the same as none.
 */
export class Labeller {
  private readonly seen = new Map<string, Set<string>>();
  private readonly requestLabels: readonly string[];

  constructor(private readonly allowed: readonly string[], private readonly maxValues: number) {
    this.requestLabels = allowed.filter((name) => OWN_LABELS.every((own) => own !== name));
  }

  /** The names on metrics of single requests and attempts; with `outcome` on those that tell it. */
  names({ withOutcome = false } = {}): readonly string[] {
    return [...this.routeNames(), ...(withOutcome && this.allowed.includes('outcome') ? ['outcome'] : []), ...this.requestLabels];
  }

  /** The names on metrics of a provider and model as such. */
  routeNames(): readonly string[] {
    return ['provider', 'model'].filter((name) => this.allowed.includes(name));
  }

  values(subject: Subject): LabelValues {
    const asked = this.requestLabels.map((name) => [name, this.capped(name, Object.hasOwn(subject.labels, name) ? subject.labels[name] : '')]);
    return { ...this.route(subject), ...Object.fromEntries(asked) as LabelValues };
  }

  withOutcome(values: LabelValues, outcome: string): LabelValues {
    return this.allowed.includes('outcome') ? { ...values, outcome } : values;
  }

  route(route: Pick<Subject, 'provider' | 'model'>): LabelValues {
    return Object.fromEntries((['provider', 'model'] as const).filter((name) => this.allowed.includes(name)).map((name) => [name, this.capped(name, route[name])]));
  }

  private capped(name: string, value = ''): string {
    const seen = this.seen.get(name) ?? new Set();
    this.seen.set(name, seen);
    if (value === '' || seen.has(value)) return value;
    if (seen.size >= this.maxValues) return OTHER;
    seen.add(value);
    return value;
  }
}
