import type { Observable, Subscription } from 'rxjs';
import type { Admission, Lease } from '../../core/ports.js';
import { must, said } from '../must.js';

type Waiting = Extract<Admission<Lease>, { type: 'waiting' }>;

/** One caller of `acquire`, and what it was told. */
export class Caller<L extends Lease> {
  readonly waits: Waiting[] = [];
  private admitted: L | undefined;
  private failure: { readonly error: unknown } | undefined;
  private readonly subscription: Subscription;

  constructor(admissions: Observable<Admission<L>>) {
    this.subscription = admissions.subscribe({
      next: (step) => {
        if (step.type === 'waiting') this.waits.push(step);
        else this.admitted = step.lease;
      },
      error: (error: unknown) => (this.failure = { error }),
    });
  }

  /** @throws Error if the acquisition has failed */
  get isAdmitted(): boolean {
    if (this.failure !== undefined) throw new Error(`acquire failed: ${said(this.failure.error)}`);
    return this.admitted !== undefined;
  }

  /** @throws Error if the caller has not been admitted */
  get lease(): L {
    must(this.isAdmitted, 'A caller is not admitted although there is room.');
    return this.admitted as L;
  }

  leave(): void {
    this.subscription.unsubscribe();
  }
}

/** How many of these callers are admitted. */
export function admittedOf(callers: readonly Caller<Lease>[]): number {
  return callers.filter(({ isAdmitted }) => isAdmitted).length;
}
