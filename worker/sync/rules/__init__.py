"""What is special about one entity: matching, creating, and its own steps."""
