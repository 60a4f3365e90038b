import type { GenerationEnd, GenerationEvent, ToolCall } from 'scriptorium';
import type { ItemResult } from '../journal/item.js';

/** What an answer has beside its text and its reasoning. */
export class Answer {
  private toolCalls: ToolCall[] = [];
  private annotations: unknown[] = [];
  private images: string[] = [];

  take(event: GenerationEvent): void {
    switch (event.type) {
      case 'tool-call':
        this.toolCalls.push(event);
        break;
      case 'annotation':
        this.annotations.push(event.annotation);
        break;
      case 'image':
        this.images.push(event.url);
        break;
      default:
    }
  }

  /** All of it is void. */
  clear(): void {
    [this.toolCalls, this.annotations, this.images] = [[], [], []];
  }

  result({ finishReason, provider, model, responseId, servedFrom }: GenerationEnd): ItemResult {
    const { toolCalls, annotations, images } = this;
    return {
      finishReason,
      provider,
      model,
      ...(responseId !== undefined && { responseId }),
      servedFrom,
      ...(toolCalls.length > 0 && { toolCalls }),
      ...(annotations.length > 0 && { annotations }),
      ...(images.length > 0 && { images }),
    };
  }
}
