/** Reports that a store cannot be reached, once an outage, and that it can be again. */
export class Outage {
  private isAway = false;

  constructor(private readonly report: { readonly onAway: (message: string) => void; readonly onBack: () => void }) {}

  away(error: unknown): void {
    if (this.isAway) return;
    this.isAway = true;
    this.report.onAway(error instanceof Error ? error.message || error.name : String(error));
  }

  back(): void {
    if (!this.isAway) return;
    this.isAway = false;
    this.report.onBack();
  }
}
