/** Runs clean-up steps once, in reverse order of registration. A failing step does not stop the others. */
export class Disposer {
  private steps: (() => unknown)[] = [];
  private ended: Promise<void> | undefined;

  add(step: () => unknown): void {
    this.steps.push(step);
  }

  /**
   * Runs all steps. Later calls return the same promise.
   * @throws AggregateError with all failures, after all steps have run
   */
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
      throw new AggregateError(failures, `Failed to close ${failures.length} part(s) of the pipeline; see "errors".`);
  }
}
