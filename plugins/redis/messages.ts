import { Observable, Subject } from 'rxjs';
import type { RedisClient } from './client.js';

/** The messages of channels, over a connection of their own, which is made for the first listener. */
export class RedisMessages {
  private client: RedisClient | undefined;
  private readonly received = new Subject<{ readonly channel: string; readonly message: string }>();

  /**
   * @param returns emits when messages may have been lost: an empty one takes their place
   */
  constructor(
    private readonly makeClient: () => RedisClient,
    private readonly returns: Observable<unknown>,
  ) {}

  to(channel: string): Observable<string> {
    return new Observable((subscriber) => {
      const subscription = this.received.subscribe({
        next: ({ channel: name, message }) => name === channel && subscriber.next(message),
        complete: () => subscriber.complete(),
      });
      subscription.add(this.returns.subscribe(() => subscriber.next('')));
      this.client ??= this.connected();
      this.client.subscribe(channel).catch(() => undefined);
      return subscription;
    });
  }

  close(): void {
    this.received.complete();
    this.client?.disconnect();
  }

  private connected(): RedisClient {
    const client = this.makeClient();
    // A client without such a listener prints its errors.
    client.on('error', () => undefined);
    client.on('message', (channel: string, message: string) => this.received.next({ channel, message }));
    return client;
  }
}
