"""Stores and processes that one command starts by itself: PostgreSQL, Redis and the children of
the demo. Nothing here is used when DATABASE_URL and REDIS_URL name real servers.
"""
