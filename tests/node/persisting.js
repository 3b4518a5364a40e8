// Asks twice by two clients each of Apollo and urql, and prints the answers:
// `node persisting.js URL`. What each request was goes to the error output, line by line.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client/core';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { Client, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { createHash } from 'node:crypto';

const url = process.argv[2];
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

async function told(input, init = {}) {
  const address = new URL(input);
  const sent = init.body ? JSON.parse(init.body) : Object.fromEntries(address.searchParams);
  const response = await fetch(input, init);
  const request = { method: init.method, withText: Boolean(sent.query), status: response.status };
  process.stderr.write(`${JSON.stringify(request)}\n`);
  return response;
}

async function byApollo(query, useGETForHashedQueries) {
  const persisted = new PersistedQueryLink({ sha256, useGETForHashedQueries });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([persisted, new HttpLink({ uri: url, fetch: told })]),
  });
  return (await client.query({ query: gql(query) })).data;
}

async function byUrql(query, preferGetForPersistedQueries) {
  const client = new Client({
    url,
    fetch: told,
    preferGetMethod: false,
    exchanges: [
      persistedExchange({
        preferGetForPersistedQueries,
        generateHash: async (text) => sha256(text),
      }),
      fetchExchange,
    ],
  });
  const { data, error } = await client.query(query, {}).toPromise();
  if (error) throw error;
  return data;
}

const answers = [];
for (const [ask, name] of [[byApollo, 'Apollo'], [byUrql, 'Urql']]) {
  for (const byGet of [true, false]) {
    const query = `query ${name}${byGet} { platforms { key } }`;
    answers.push(await ask(query, byGet), await ask(query, byGet));
  }
}
process.stdout.write(JSON.stringify(answers));
