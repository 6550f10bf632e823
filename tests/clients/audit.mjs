// Runs the audits of graphql-http against an address; prints one result per audit as JSON.
import { serverAudits } from 'graphql-http';

const [url, key] = process.argv.slice(2);

function fetchFn(target, options = {}) {
  return fetch(target, {
    ...options,
    headers: { ...options.headers, authorization: `Bearer ${key}` },
  });
}

const results = [];
for (const audit of serverAudits({ url, fetchFn })) {
  const result = await audit.fn();
  results.push({ id: audit.id, name: audit.name, status: result.status, reason: result.reason });
}
console.log(JSON.stringify(results));
