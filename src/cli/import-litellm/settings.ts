/** A mapping of a parsed YAML file. */
export type Mapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A setting of a parsed file, by the words that lead to it. */
type Path = readonly (string | number)[];

/** The settings of a file. Each that is read is ticked off, so that those are known at the end that nothing has used. */
export class Settings {
  private readonly read = new Set<string>();

  constructor(private readonly root: Mapping) {}

  /** Reads a setting, and all below it. */
  take(...path: Path): unknown {
    this.read.add(path.join('.'));
    return this.look(...path);
  }

  /** Looks at a setting that others may read. */
  look(...path: Path): unknown {
    return path.reduce<unknown>((value, word) => (value as Mapping | undefined)?.[word], this.root);
  }

  /** Reads a number; undefined if it is none. */
  number(...path: Path): number | undefined {
    const value = this.look(...path);
    if (typeof value !== 'number' || !(value >= 0 && value < Infinity)) return undefined;
    this.take(...path);
    return value;
  }

  /** Reads a text; undefined if it is none. */
  text(...path: Path): string | undefined {
    const value = this.look(...path);
    if (typeof value !== 'string' || value === '') return undefined;
    this.take(...path);
    return value;
  }

  list(...path: Path): readonly unknown[] {
    const value = this.look(...path);
    return Array.isArray(value) ? value : [];
  }

  /** The paths of the settings that were not read, in their order. */
  unused(): readonly string[] {
    return this.leavesOf(this.root, []);
  }

  private leavesOf(value: unknown, path: Path): readonly string[] {
    if (this.read.has(path.join('.'))) return [];
    const entries = Array.isArray(value) ? [...value.entries()] : isMapping(value) ? Object.entries(value) : [];
    if (entries.length === 0) return path.length === 0 ? [] : [path.join('.')];
    return entries.flatMap(([word, inner]) => this.leavesOf(inner, [...path, word]));
  }
}
