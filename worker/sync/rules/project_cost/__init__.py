"""Project costs: journal lines of Financials become fees of Severa's projects, with their files.

A batch is looked at again until each of its costs stands in Severa; every step is safe to repeat.
"""
