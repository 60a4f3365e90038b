/** Calculates quantiles over the most recent values. */
export class RecentQuantile {
  private values: number[] = [];

  /** @param size the number of values to keep */
  constructor(private readonly size: number) {}

  get count(): number {
    return this.values.length;
  }

  add(value: number): void {
    this.values = [...this.values, value].slice(-this.size);
  }

  /**
   * Returns the smallest kept value that is at or above a share `q` of them. Undefined without values.
   * @param q from 0 to 1
   */
  at(q: number): number | undefined {
    const sorted = [...this.values].sort((a, b) => a - b);
    return sorted[Math.max(Math.ceil(q * sorted.length) - 1, 0)];
  }
}
