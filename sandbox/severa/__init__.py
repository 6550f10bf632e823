"""The fake Severa."""
