/** A ceiling on how many may be inside at once. */
export class SlotCount {
  private taken = 0;

  /** @param most 0 for no ceiling */
  constructor(private readonly most: number) {}

  get isFree(): boolean {
    return this.most === 0 || this.taken < this.most;
  }

  take(): void {
    this.taken += 1;
  }

  release(): void {
    this.taken -= 1;
  }
}
