// Subscribes with graphql-ws; prints every message as one line of JSON, until it has enough.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [url, key, count, query] = process.argv.slice(2);
const client = createClient({
  url,
  webSocketImpl: WebSocket,
  retryAttempts: 0,
  lazy: true,
  connectionParams: { authorization: `Bearer ${key}` },
  on: { connected: () => console.log(JSON.stringify({ connected: true })) },
});

let seen = 0;
try {
  for await (const result of client.iterate({ query })) {
    console.log(JSON.stringify(result));
    seen += 1;
    if (seen >= Number(count)) break;
  }
} catch (error) {
  const shown = Array.isArray(error) ? { errors: error } : { code: error.code, reason: error.reason };
  console.log(JSON.stringify(shown));
}
await client.dispose();
