/** A chapter of the extract in `assets/moby-dick.txt`. */
export interface Chapter {
  readonly number: number;
  readonly title: string;
  /** The index of its first paragraph in the extract. */
  readonly paragraph: number;
}

const FIRST_PARAGRAPHS: readonly (readonly [number: number, title: string, paragraph: number])[] = [
  [1, 'Loomings', 0],
  [2, 'The Carpet-Bag', 14],
  [3, 'The Spouter-Inn', 23],
  [4, 'The Counterpane', 81],
  [5, 'Breakfast', 86],
  [6, 'The Street', 94],
  [7, 'The Chapel', 100],
  [8, 'The Pulpit', 106],
  [9, 'The Sermon', 113],
  [10, 'A Bosom Friend', 138],
  [11, 'Nightgown', 142],
  [12, 'Biographical', 145],
  [13, 'Wheelbarrow', 149],
  [14, 'Nantucket', 160],
  [15, 'Chowder', 165],
  [16, 'The Ship', 180],
  [17, 'The Ramadan', 255],
  [18, 'His Mark', 280],
  [19, 'The Prophet', 303],
  [20, 'All Astir', 337],
  [21, 'Going Aboard', 344],
  [22, 'Merry Christmas', 381],
  [23, 'The Lee Shore', 401],
  [24, 'The Advocate', 404],
  [25, 'Postscript', 419],
  [26, 'Knights and Squires', 423],
  [27, 'Knights and Squires', 429],
  [28, 'Ahab', 435],
  [29, 'Enter Ahab; to Him, Stubb', 439],
  [30, 'The Pipe', 448],
  [31, 'Queen Mab', 452],
  [33, 'The Specksnyder', 457],
  [34, 'The Cabin-Table', 464],
  [35, 'The Mast-Head', 472],
  [36, 'The Quarter-Deck', 485],
  [41, 'Moby Dick', 530],
  [44, 'The Chart', 551],
  [45, 'The Affidavit', 558],
  [46, 'Surmises', 575],
  [47, 'The Mat-Maker', 579],
  [48, 'The First Lowering', 588],
];

/** The chapters in the order of the book; some are left out. */
export const CHAPTERS: readonly Chapter[] = FIRST_PARAGRAPHS.map(([number, title, paragraph]) => ({
  number,
  title,
  paragraph,
}));

/** The paragraphs of the extract that do not follow the one before them in the book. */
export const AFTER_OMISSION: readonly number[] = [
  13, 19, 21, 22, 26, 42, 51, 65, 67, 72, 73, 75, 76, 78, 81, 84, 91, 94, 96, 105, 128, 138, 139, 140, 141, 145, 146,
  147, 150, 154, 159, 160, 167, 183, 194, 220, 224, 242, 253, 254, 256, 264, 275, 277, 279, 280, 283, 298, 336, 344,
  379, 385, 393, 401, 409, 410, 411, 415, 416, 435, 436, 447, 452, 457, 471, 504, 507, 521, 528, 530, 545, 547, 551,
  552, 554, 557, 560, 561, 564, 574, 576, 580, 581, 584, 588, 609, 611, 613, 619,
];
