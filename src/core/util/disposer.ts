/** Runs clean-up steps once, the last one added first. One that fails does not stop the others. */
export class Disposer {
  private steps: (() => unknown)[] = [];
  private ended: Promise<void> | undefined;

  add(step: () => unknown): void {
    this.steps.push(step);
  }

  /** @throws AggregateError with all failures, after everything has run */
  dispose(): Promise<void> {
    this.ended ??= this.run();
    return this.ended;
  }

  private async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.steps.reverse()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    this.steps = [];
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} parts of the pipeline failed to close.`);
  }
}
