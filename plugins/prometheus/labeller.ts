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
 * Equal sets of labels are the same object, so that a stat costs no new ones.
 */
export class Labeller {
  private readonly seen = new Map<string, Set<string>>();
  /** By a set of labels, the name of one more, and its value. */
  private readonly larger = new Map<LabelValues, Map<string, Map<string, LabelValues>>>();
  private readonly ofRoutes: readonly string[];
  private readonly ofRequests: readonly string[];
  private readonly hasOutcome: boolean;

  constructor(allowed: readonly string[], private readonly maxValues: number) {
    this.ofRoutes = ['provider', 'model'].filter((name) => allowed.includes(name));
    this.ofRequests = [...this.ofRoutes, ...allowed.filter((name) => OWN_LABELS.every((own) => own !== name))];
    this.hasOutcome = allowed.includes('outcome');
  }

  /** The names on metrics of single requests and attempts; with `outcome` on those that tell it. */
  names({ withOutcome = false } = {}): readonly string[] {
    return withOutcome && this.hasOutcome ? [...this.ofRequests, 'outcome'] : this.ofRequests;
  }

  /** The names on metrics of a provider and model as such. */
  routeNames(): readonly string[] {
    return this.ofRoutes;
  }

  values(subject: Subject): LabelValues {
    return this.pick(this.ofRequests, subject);
  }

  route(route: Pick<Subject, 'provider' | 'model'>): LabelValues {
    return this.pick(this.ofRoutes, { ...route, labels: {} });
  }

  withOutcome(values: LabelValues, outcome: string): LabelValues {
    return this.hasOutcome ? this.with(values, 'outcome', outcome) : values;
  }

  /** The same labels and one more, of a few fixed values. */
  with(values: LabelValues, name: string, value: string): LabelValues {
    const byName = remembered(this.larger, values, () => new Map<string, Map<string, LabelValues>>());
    const byValue = remembered(byName, name, () => new Map<string, LabelValues>());
    return remembered(byValue, value, () => ({ ...values, [name]: value }));
  }

  private pick(names: readonly string[], subject: Subject): LabelValues {
    return names.reduce((values, name) => this.with(values, name, this.capped(name, valueOf(name, subject))), NONE);
  }

  private capped(name: string, value: string): string {
    const seen = remembered(this.seen, name, () => new Set<string>());
    if (value === '' || seen.has(value)) return value;
    if (seen.size >= this.maxValues) return OTHER;
    seen.add(value);
    return value;
  }
}

const NONE: LabelValues = {};

function valueOf(name: string, { provider, model, labels }: Subject): string {
  if (name === 'provider') return provider;
  if (name === 'model') return model;
  return Object.hasOwn(labels, name) ? labels[name] ?? '' : '';
}

function remembered<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
