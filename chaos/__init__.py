"""Chaos: real processes, many invoices, faults of every kind; both sides are compared after.

It is no part of the product: nothing here is shipped, and no production module imports it.
"""
