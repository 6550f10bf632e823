"""Mapping tables and converters; pure."""
