"""The types of the public GraphQL API, each with the one function that makes it from a row."""
