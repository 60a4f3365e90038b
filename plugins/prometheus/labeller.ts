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

export interface LabelLimits {
  /** How many values of one label are kept apart. */
  readonly maxLabelValues: number;
  /** How many sets of labels are kept apart: two labels of fifty values each would make 2,500, and some seventy series of each. */
  readonly maxLabelSets: number;
  /** Called once, when a set of labels finds no room. */
  readonly onFull: () => void;
}

/**
 * Picks the labels that the allow-list names, with at most so many values each, and so many sets of them: the first ones that
 * come are kept for good, all further ones are "other". A label that a request does not have is empty, which to Prometheus is
 * the same as none. Equal sets of labels are the same object, so that a stat costs no new ones.
 */
export class Labeller {
  private readonly seen = new Map<string, Set<string>>();
  /** By a set of labels, the name of one more, and its value. */
  private readonly larger = new Map<LabelValues, Map<string, Map<string, LabelValues>>>();
  private readonly ofRoutes: readonly string[];
  private readonly ofRequests: readonly string[];
  private readonly hasOutcome: boolean;
  private readonly sets = new Set<LabelValues>();
  private isFull = false;

  constructor(
    allowed: readonly string[],
    private readonly limits: LabelLimits,
  ) {
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
    const route = this.route(subject);
    let values = route;
    for (const name of this.ofRequests.slice(this.ofRoutes.length)) {
      const value = this.capped(name, Object.hasOwn(subject.labels, name) ? (subject.labels[name] ?? '') : '');
      const next = this.larger.get(values)?.get(name)?.get(value);
      if (next === undefined && this.sets.size >= this.limits.maxLabelSets) return this.overflow(route);
      values = next ?? this.with(values, name, value);
    }
    this.sets.add(values);
    return values;
  }

  route(route: Pick<Subject, 'provider' | 'model'>): LabelValues {
    return this.ofRoutes.reduce(
      (values, name) => this.with(values, name, this.capped(name, name === 'provider' ? route.provider : route.model)),
      NONE,
    );
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

  /** There is no room for another set: all that the request says of itself is "other". */
  private overflow(route: LabelValues): LabelValues {
    if (!this.isFull) this.limits.onFull();
    this.isFull = true;
    return this.ofRequests.slice(this.ofRoutes.length).reduce((values, name) => this.with(values, name, OTHER), route);
  }

  private capped(name: string, value: string): string {
    const seen = remembered(this.seen, name, () => new Set<string>());
    if (value === '' || seen.has(value)) return value;
    if (seen.size >= this.limits.maxLabelValues) return OTHER;
    seen.add(value);
    return value;
  }
}

const NONE: LabelValues = {};

function remembered<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
