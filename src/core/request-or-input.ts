/** The request of an answer, or the input of its generation. Only `continueFrom` is read. */
export interface RequestOrInput {
  readonly continueFrom?: string | undefined;
  readonly prompt?: string | undefined;
  readonly messages?: readonly unknown[] | undefined;
}
