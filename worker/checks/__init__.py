"""Checks of records before they are sent; pure."""
