// How the schema and the documents are linted. Run from the root of the repository:
//   node tests/node/node_modules/eslint/bin/eslint.js --config tests/node/eslint.config.js FILES
import { readdirSync } from 'node:fs';

import graphql from '@graphql-eslint/eslint-plugin';

const schema = 'schema/schema.graphql';
const within = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.graphql'))
    .map((name) => `${folder}/${name}`);

const questions = ['examples', 'examples/coverage'].flatMap(within);
const applications = ['examples/typescript/src', 'examples/python'];

// Each question stands for itself; an application's documents belong together.
const projects = Object.fromEntries([
  ...questions.map((file) => [file, { schema, documents: file }]),
  ...applications.map((folder) => [folder, { schema, documents: `${folder}/*.graphql` }]),
]);

const { 'flat/schema-recommended': recommended, 'flat/schema-relay': relay } = graphql.configs;
const { 'flat/operations-recommended': operations } = graphql.configs;

export default [
  {
    files: ['**/*.graphql'],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { projects } },
    },
    plugins: { '@graphql-eslint': graphql },
  },
  {
    files: [schema],
    rules: {
      ...recommended.rules,
      ...relay.rules,
      '@graphql-eslint/require-description': [
        'error',
        {
          ...recommended.rules['@graphql-eslint/require-description'][1],
          // The only one is GraphQL's own @oneOf, for readers that do not know it yet.
          DirectiveDefinition: false,
        },
      ],
      // It wants an id on every object. What is a value and no thing (a point, a failure, an edge)
      // has none, and clients keep it inside the thing that it belongs to.
      '@graphql-eslint/strict-id-in-types': 'off',
      // Pages are read forward only: cursors of several platforms cannot be walked back.
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
      '@graphql-eslint/relay-edge-types': [
        'error',
        {
          withEdgeSuffix: true,
          // Lists that are no pages, such as the platforms of an answer, hold what they list.
          listTypeCanWrapOnlyEdgeType: false,
          // Events and call meetings are listed, but no platform fetches one by an id.
          shouldImplementNode: false,
        },
      ],
    },
  },
  {
    files: ['**/*.graphql'],
    ignores: [schema],
    rules: operations.rules,
  },
  {
    files: questions,
    // It wants ids for clients that keep things by them; these are read by people and programs.
    rules: { '@graphql-eslint/require-selections': 'off' },
  },
];
