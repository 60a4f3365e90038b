// A server on this machine, and a vendor that takes over when it fails, even in the middle of a text.
import { createPipeline } from 'scriptorium';
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';

const pipeline = await createPipeline({
  plugins: [
    openaiCompatible({ preset: 'vllm', baseUrl: process.env.VLLM_BASE_URL }), // http://127.0.0.1:8000/v1 by default; no key
    openaiCompatible({ preset: 'groq', baseUrl: process.env.GROQ_BASE_URL }), // takes the key from GROQ_API_KEY
  ],
  config: {
    defaults: { provider: 'vllm', model: 'qwen/qwen3-32b' },
    routes: [{ provider: 'groq', model: 'llama-3.3-70b-versatile' }],
  },
});

const { provider, usage } = await pipeline.generate({ prompt: 'Write a sentence.' });
console.log(`answered by ${provider}, ${usage.source}`);

const groq = await pipeline.generate({
  prompt: 'Write another.',
  provider: 'groq',
  model: 'llama-3.3-70b-versatile',
  providerOptions: { groq: { service_tier: 'flex' } }, // into the request's body as it is
});
console.log(`then by ${groq.provider}`);
await pipeline.dispose();
