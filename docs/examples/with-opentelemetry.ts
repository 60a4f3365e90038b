// An application that has OpenTelemetry set up: the spans of its generations lie inside its own.
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { createPipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { opentelemetry } from 'scriptorium/plugins/opentelemetry';

// NodeSDK of @opentelemetry/sdk-node does all of this, and sends the spans to a collector. It must come before the pipeline.
const kept = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(kept)] }));
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

const pipeline = await createPipeline({ plugins: [openrouter(), opentelemetry({ providers: 'global' })] });
await trace.getTracer('book').startActiveSpan('chapter', async (chapter) => {
  await pipeline.generate({ prompt: 'Write a sentence about the sea.', labels: { book: 'ada' } });
  chapter.end();
});
await pipeline.dispose();

const spans = kept.getFinishedSpans();
for (const { name, parentSpanContext, attributes } of spans) {
  const parent = spans.find((span) => span.spanContext().spanId === parentSpanContext?.spanId);
  console.log(
    `${name} in ${parent?.name ?? 'nothing'}: ${String(attributes['gen_ai.usage.output_tokens'] ?? 'no')} tokens`,
  );
}
trace.disable();
context.disable();
