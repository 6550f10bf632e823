"""The engine: pull what the vendors say, merge, plan, and push with evidence."""
