"""Control routes: what people and other programs do in the two systems, and what goes wrong."""
