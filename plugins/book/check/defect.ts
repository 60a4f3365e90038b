/** What can be wrong with a section. */
export type DefectKind =
  | 'missing'
  | 'too-short'
  | 'too-long'
  | 'cut'
  | 'repeated-paragraph'
  | 'preamble'
  | 'leaked-block'
  | 'heading'
  | 'language'
  | 'year'
  | 'name'
  | 'url'
  | 'judged';

/** A defect of a section. */
export interface Defect {
  readonly kind: DefectKind;
  /** What is wrong and what would be right, for people and for the model that repairs it. */
  readonly message: string;
}

/** A section as it is checked. */
export interface CheckedSection {
  readonly id: string;
  readonly text: string;
}
