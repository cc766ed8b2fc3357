"""Fills a server: fill.py PORT KEY_COUNT KEY_BYTES VALUE_BYTES

Keys are numbered from 0 and padded with zeros behind "key:", as redis-benchmark writes them (16 bytes in all by default).
"""

import socket
import sys

BATCH = 1000


def main() -> None:
    port, key_count, key_bytes, value_bytes = (int(argument) for argument in sys.argv[1:5])
    value = b"v" * value_bytes
    digits = key_bytes - len(b"key:")
    command = b"*3\r\n$3\r\nSET\r\n$%d\r\nkey:%%0%dd\r\n$%d\r\n%s\r\n" % (key_bytes, digits, value_bytes, value)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for first in range(0, key_count, BATCH):
            count = min(BATCH, key_count - first)
            connection.sendall(b"".join(command % number for number in range(first, first + count)))
            read_oks(connection, count)


def read_oks(connection: socket.socket, count: int) -> None:
    expected = b"+OK\r\n" * count
    received = b""
    while len(received) < len(expected):
        part = connection.recv(65536)
        if not part:
            raise SystemExit("The server closed the connection.")
        received += part
    if received != expected:
        raise SystemExit(f"The server answered {received[:100]!r}.")


main()
