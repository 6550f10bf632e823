"""What the mutations do: each operation is one transaction, with its job rows and its audit."""
