import { firstDifference, RunError, specDigest } from 'scriptorium/plugins/runs';
import type { ItemInput, ItemSpec, RunSpec } from 'scriptorium/plugins/runs';
import type { Database, Value } from './database.js';
import { jsonOr, parsed } from './json.js';

interface CreatedRow {
  readonly o_id: string;
  readonly o_hash: string;
  readonly o_is_new: boolean;
}

/** Creates a run with its items, or finds it. @throws RunError `changed-spec` */
export async function createRun(
  database: Database,
  spec: RunSpec,
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  const { schema } = database.address;
  const row = await database.one<CreatedRow>(
    `SELECT * FROM ${schema}.create_run($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    ...valuesOf(spec),
  );
  if (row === undefined) throw new Error('The function "create_run" of the schema returned nothing.');
  if (row.o_hash !== spec.hash) throw await changed(database, spec, row.o_id);
  return { id: row.o_id, isNew: row.o_is_new };
}

/** A run as the arguments of the functions that create one. */
export function valuesOf(spec: RunSpec, digest = specDigest(spec.items)): readonly Value[] {
  const { name, hash, labels, limits, data, items } = spec;
  return [name, hash, digest, JSON.stringify(labels), JSON.stringify(limits), jsonOr(data), ...columnsOf(items)];
}

function columnsOf(items: readonly ItemSpec[]): readonly Value[] {
  const places = new Map(items.map(({ id }, place) => [id, place]));
  const edges = items.flatMap(({ after = [] }, dependant) =>
    [...new Set(after)].map((id) => ({ place: places.get(id) ?? -1, dependant })),
  );
  return [
    items.map(({ id }) => id),
    items.map(({ isPriced }) => isPriced),
    items.map(({ input }) => JSON.stringify(input)),
    items.map(({ after = [] }) => (after.length === 0 ? null : JSON.stringify(after))),
    items.map(({ data }) => jsonOr(data)),
    edges.map(({ place }) => place),
    edges.map(({ dependant }) => dependant),
  ];
}

interface SpecRow {
  readonly id: string;
  readonly is_priced: boolean;
  readonly input: string;
  readonly after: string | null;
  readonly data: string | null;
}

async function changed(database: Database, spec: RunSpec, run: string): Promise<RunError> {
  const { schema: s } = database.address;
  const rows = await database.all<SpecRow>(
    `SELECT items.id, is_priced, input, after, specs.data FROM ${s}.runs JOIN ${s}.items ON items.run = runs.key
    JOIN ${s}.specs ON specs.run = items.run AND specs.place = items.place WHERE runs.id = $1 ORDER BY items.place`,
    run,
  );
  const given = parsed(JSON.stringify(spec.items)) as readonly ItemSpec[];
  return new RunError(
    'changed-spec',
    `The run "${spec.name}" exists with other items: ${firstDifference(rows.map(specOf), given)}. Give the new run another name.`,
  );
}

function specOf({ id, is_priced, input, after, data }: SpecRow): ItemSpec {
  return {
    id,
    ...(after === null ? {} : { after: parsed(after) as readonly string[] }),
    input: parsed(input) as ItemInput,
    isPriced: is_priced,
    ...(data === null ? {} : { data: parsed(data) }),
  };
}
