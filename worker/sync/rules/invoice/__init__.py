"""An invoice's way: taken in, checked, drafted, compared, released, numbered and paid.

Each step is safe to run twice: it looks at the stored facts, does one thing, and stores the next.
"""
