/** The values of the last calls, sorted on demand: a quantile that follows what is usual now. */
export class RecentQuantile {
  private values: number[] = [];

  /** @param size how many values are kept */
  constructor(private readonly size: number) {}

  get count(): number {
    return this.values.length;
  }

  add(value: number): void {
    this.values = [...this.values, value].slice(-this.size);
  }

  /** The smallest kept value that is not below a share `q` of them; undefined while there are none. */
  at(q: number): number | undefined {
    const sorted = [...this.values].sort((a, b) => a - b);
    return sorted[Math.max(Math.ceil(q * sorted.length) - 1, 0)];
  }
}
