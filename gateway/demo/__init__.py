"""The demo: stores, sandbox, gateway and worker under one command, two sample companies linked,
and a story told through the public API and the sandbox's control routes only.
"""
