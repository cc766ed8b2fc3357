"""Fills a server with collections: fill-collections.py PORT KIND KEY_COUNT ELEMENT_COUNT [VALUE_BYTES [KEY_DIGITS]]

KIND     one key holds                                                       keys
list     ELEMENT_COUNT elements of VALUE_BYTES bytes                         list:0 ...
set      ELEMENT_COUNT members "element:000000000000" ...                    set:0 ...
intset   ELEMENT_COUNT integers from a million on                            intset:0 ...
hash     ELEMENT_COUNT fields "field:0" ... with values of VALUE_BYTES       hash:0 ...
zset     ELEMENT_COUNT members as of a set, scores by a fixed shuffle        zset:0 ...

With KEY_DIGITS the keys' numbers are padded with zeros, as redis-benchmark writes them (12 digits).
"""

import itertools
import socket
import sys
import threading

ELEMENTS_PER_COMMAND = 100
COMMANDS_PER_WRITE = 100
SCORE_STEP = 7919  # a prime: scores come in no order


def main() -> None:
    port, key_count, element_count = int(sys.argv[1]), int(sys.argv[3]), int(sys.argv[4])
    kind = sys.argv[2]
    value = b"v" * int(sys.argv[5] if len(sys.argv) > 5 else 0)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        digits = int(sys.argv[6] if len(sys.argv) > 6 else 0)
        all_commands = commands(kind, key_count, element_count, value, digits)
        while batch := list(itertools.islice(all_commands, COMMANDS_PER_WRITE)):
            sender = threading.Thread(target=connection.sendall, args=(b"".join(batch),))
            sender.start()
            read_integers(connection, len(batch))
            sender.join()


def commands(kind: str, key_count: int, element_count: int, value: bytes, digits: int):
    name = {"list": b"RPUSH", "set": b"SADD", "intset": b"SADD", "hash": b"HSET", "zset": b"ZADD"}[kind]
    for key_number in range(key_count):
        key = b"%s:%0*d" % (kind.encode(), digits, key_number)
        for first in range(0, element_count, ELEMENTS_PER_COMMAND):
            words = [name, key]
            for number in range(first, min(first + ELEMENTS_PER_COMMAND, element_count)):
                words += element(kind, number, element_count, value)
            yield encode(words)


def element(kind: str, number: int, element_count: int, value: bytes) -> list:
    if kind == "list":
        return [value]
    if kind == "set":
        return [b"element:%012d" % number]
    if kind == "intset":
        return [b"%d" % (1_000_000 + number)]
    if kind == "hash":
        return [b"field:%d" % number, value]
    return [b"%d" % (number * SCORE_STEP % element_count), b"element:%012d" % number]


def encode(words: list) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def read_integers(connection: socket.socket, count: int) -> None:
    received = b""
    while count > 0:
        part = connection.recv(65536)
        if not part:
            raise SystemExit("The server closed the connection.")
        received += part
        lines = received.split(b"\r\n")
        received = lines.pop()
        for line in lines:
            if not line.startswith(b":"):
                raise SystemExit(f"The server answered {line[:100]!r}.")
        count -= len(lines)


main()
