"""Process 1: listens and answers."""
