// Subscribes with graphql-sse; prints every message as one line of JSON, until it has enough.
import { createClient } from 'graphql-sse';

const [url, key, count, query] = process.argv.slice(2);
const client = createClient({
  url,
  retryAttempts: 0,
  headers: { authorization: `Bearer ${key}` },
});

let seen = 0;
console.log(JSON.stringify({ connected: true }));
try {
  for await (const result of client.iterate({ query })) {
    console.log(JSON.stringify(result));
    seen += 1;
    if (seen >= Number(count)) break;
  }
} catch (error) {
  console.log(JSON.stringify({ failed: error.message }));
}
client.dispose();
