"""Process 2: fetches, decides and sends."""
