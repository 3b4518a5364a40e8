// Asks for an answer in parts as Apollo Client and urql do, and prints what each has shown:
// `node deferring.js URL`.
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client/core';
import { GraphQL17Alpha9Handler } from '@apollo/client/incremental';
import { Client, fetchExchange } from '@urql/core';

const url = process.argv[2];
const text = 'query { platforms { key } ... @defer(label: "later") { agents(first: 2) { nodes { name } } } }';

function shownByApollo() {
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: new HttpLink({ uri: url }),
    incrementalHandler: new GraphQL17Alpha9Handler(),
  });
  const shown = [];
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(JSON.stringify(shown))), 30000);
    client.watchQuery({ query: gql(text) }).subscribe({
      next({ data, dataState, error }) {
        if (error) reject(error);
        if (data) shown.push(Object.keys(data).filter((name) => name !== '__typename'));
        if (dataState === 'complete') {
          clearTimeout(timer);
          resolve(shown);
        }
      },
      error: reject,
    });
  });
}

function shownByUrql() {
  const client = new Client({ url, preferGetMethod: false, exchanges: [fetchExchange] });
  const shown = [];
  return new Promise((resolve, reject) => {
    client.query(text, {}).subscribe(({ data, error, hasNext }) => {
      if (error) reject(error);
      shown.push(Object.keys(data));
      if (!hasNext) resolve(shown);
    });
  });
}

process.stdout.write(JSON.stringify({ apollo: await shownByApollo(), urql: await shownByUrql() }));
process.exit(0);
