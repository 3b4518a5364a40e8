// The documents of a page that lists agents, as an application with Relay would have them.
import { graphql } from 'relay-runtime';

export const query = graphql`
  query AgentsQuery($count: Int!, $cursor: String, $platforms: [String!]) {
    ...Agents_list @arguments(count: $count, cursor: $cursor, platforms: $platforms)
    platforms {
      ...Agents_platform
    }
  }
`;

export const list = graphql`
  fragment Agents_list on Query
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 20 }
    cursor: { type: "String" }
    platforms: { type: "[String!]" }
  )
  @refetchable(queryName: "AgentsPageQuery") {
    agents(first: $count, after: $cursor, platforms: $platforms)
      @connection(key: "Agents_agents", filters: ["platforms"]) {
      edges {
        node {
          ...Agents_agent
        }
      }
      failures {
        platform
        code
        retryable
      }
      sources {
        platform
        freshness
      }
    }
  }
`;

export const agent = graphql`
  fragment Agents_agent on Agent
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" })
  @refetchable(queryName: "AgentsAgentQuery") {
    label
    platform {
      ...Agents_platform
    }
    live {
      status
      asOf
    }
    conversations(first: $count, after: $cursor, period: { last: { count: 7, unit: DAY } })
      @connection(key: "Agents_conversations") {
      edges {
        node {
          startedAt
          channel
          customer {
            givenName
          }
        }
      }
    }
  }
`;

export const platform = graphql`
  fragment Agents_platform on Platform @refetchable(queryName: "AgentsPlatformQuery") {
    key
    title
    health {
      state
    }
  }
`;

export const availability = graphql`
  subscription AgentsAvailabilitySubscription {
    agentAvailability {
      snapshot
      removed
      agents {
        ...Agents_agent
      }
    }
  }
`;

export const renaming = graphql`
  mutation AgentsRenameTeamMutation($team: UpdateTeamInput!) {
    updateTeam(input: [$team], idempotencyKey: "rename") {
      results {
        status
        userErrors {
          field
          code
        }
        team {
          id
          label
        }
      }
    }
  }
`;

export const node = graphql`
  query AgentsNodeQuery($id: ID!) {
    node(id: $id) {
      ... on Conversation {
        reference
        agent {
          ...Agents_agent
        }
      }
    }
  }
`;

export const rows = graphql`
  fragment Agents_rows on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 50 }, cursor: { type: "String" })
  @refetchable(queryName: "AgentsRowsQuery") {
    agentRows(first: $count, after: $cursor) @connection(key: "Agents_agentRows") {
      edges {
        node {
          platform
          label
        }
      }
    }
  }
`;
