import { GenerationError } from 'scriptorium';

/**
 * Reads the labels that a base URL names: `/with/book=ada,policy=night/v1/…`. Names and values are percent-encoded.
 * @param segment the part of the path after `/with/`, as it came
 * @throws GenerationError `invalid-input` that names the malformed label
 */
export function labelsInUrl(segment: string): Readonly<Record<string, string>> {
  const labels = new Map<string, string>();
  for (const label of segment.split(',')) {
    const [name, value] = readLabel(label);
    if (labels.has(name)) refuse(label, `"${name}" occurs twice`);
    labels.set(name, value);
  }
  return Object.fromEntries(labels);
}

function readLabel(label: string): readonly [name: string, value: string] {
  const at = label.indexOf('=');
  const [name, value] = [decoded(label.slice(0, Math.max(at, 0)), label), decoded(label.slice(at + 1), label)];
  if (at < 0 || name === '' || value === '') refuse(label, 'it is not of the form name=value');
  return [name, value];
}

function decoded(text: string, label: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse(label, 'its percent-encoding is malformed');
  }
}

function refuse(label: string, problem: string): never {
  throw new GenerationError(
    'invalid-input',
    `Cannot read the label "${label}" in the base URL: ${problem}. Write /with/book=ada,chapter=3/v1.`,
    { status: 400 },
  );
}
