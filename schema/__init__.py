"""The GraphQL words: types over records, arguments, descriptions, and nothing else."""
