/** A book as it is bound into one file. */
export interface BoundBook {
  readonly title: string;
  /** ISO 639-1. */
  readonly language: string;
  /** In the order of reading. Each text is Markdown that begins with its heading. */
  readonly sections: readonly { readonly title: string; readonly text: string }[];
}
