/** The required shape of an answer that is not prose. */
export interface Shape {
  /** A JSON Schema. */
  readonly schema: unknown;
  /** The answer is a call of this tool, and the schema is that of its arguments. */
  readonly tool?: string;
}

type Body = Readonly<Record<string, unknown>>;

/** Reads what a request wants in place of prose: the call of a tool where it must be called, or JSON. A tool that may be called is not. */
export function readShape({ tools, tool_choice: choice, response_format: format }: Body): Shape | undefined {
  const call = readCall(Array.isArray(tools) ? tools : [], choice);
  if (call !== undefined) return call;
  if (!isRecord(format)) return undefined;
  if (format['type'] === 'json_object')
    return { schema: { type: 'object', properties: { answer: { type: 'string' } } } };
  return format['type'] === 'json_schema' && isRecord(format['json_schema'])
    ? { schema: format['json_schema']['schema'] }
    : undefined;
}

function readCall(tools: readonly unknown[], choice: unknown): Shape | undefined {
  const named = isRecord(choice) && isRecord(choice['function']) ? choice['function']['name'] : undefined;
  if (choice !== 'required' && named === undefined) return undefined;
  const functions = tools.flatMap((tool) => (isRecord(tool) && isRecord(tool['function']) ? [tool['function']] : []));
  const called = named === undefined ? functions[0] : functions.find(({ name }) => name === named);
  return typeof called?.['name'] === 'string'
    ? { tool: called['name'], schema: called['parameters'] ?? { type: 'object' } }
    : undefined;
}

function isRecord(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
