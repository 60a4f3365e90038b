/** The most answers that are known. */
const MOST = 10_000;

/** The clients for whom vendors have written the last answers, by the vendors' ids. */
export class AnswerOwners {
  private readonly known = new Set<string>();

  note(name: string, responseId: string): void {
    const entry = entryOf(name, responseId);
    this.known.delete(entry);
    this.known.add(entry);
    if (this.known.size <= MOST) return;
    const [oldest = ''] = this.known;
    this.known.delete(oldest);
  }

  isOf(name: string, responseId: string): boolean {
    return this.known.has(entryOf(name, responseId));
  }
}

function entryOf(name: string, responseId: string): string {
  return JSON.stringify([name, responseId]);
}
