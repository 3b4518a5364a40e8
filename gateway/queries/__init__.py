"""Named queries: files with a GraphQL query and a flatten rule, answered as flat files."""
