import { OpenRouterClient } from 'scriptorium/bookgen';

const client = new OpenRouterClient();
console.log(await client.generateText('Write a sentence about the sea.', { systemPrompt: 'You are a poet.' }));
console.log(client.getUsageStats().requests);
await client.close();
