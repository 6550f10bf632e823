"""Neutral descriptions of sample companies, from which each side is filled."""
