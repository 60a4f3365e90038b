/** Which route each session stays with. The sessions that were used longest ago are forgotten first. */
export class SessionPins {
  private readonly routes = new Map<string, string>();

  /** @param most sessions that are remembered */
  constructor(private readonly most: number) {}

  get(session: string): string | undefined {
    return this.routes.get(session);
  }

  set(session: string, route: string): void {
    this.routes.delete(session);
    this.routes.set(session, route);
    const [oldest] = this.routes.keys();
    if (this.routes.size > this.most && oldest !== undefined) this.routes.delete(oldest);
  }

  delete(session: string): void {
    this.routes.delete(session);
  }
}
