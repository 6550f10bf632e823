"""Free ports for servers of our own."""

import socket


def free_port() -> int:
    """Find a TCP port on 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
