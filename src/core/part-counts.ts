/** Counts of one part. */
export interface PartCounts {
  /** The name of the part in the configuration: `ports.<name>`. */
  readonly name: string;
  /** `plugin "x"`, or `createPipeline` if the program did; left out for the built-in part. */
  readonly replacedBy?: string;
  /** Answers to questions that a generation waited for. */
  readonly answered: number;
  /** Questions and reports that threw, rejected, hung, or gave something of the wrong shape. */
  readonly failed: number;
  /** Answers that came after their time. They were dropped, and their leases released. */
  readonly late: number;
  /** The last failure, without secrets. */
  readonly lastFailure?: string;
}
