"""Opens idle connections, each after one PING, and keeps them until its standard input ends: idle.py PORT COUNT"""

import socket
import sys


def main() -> None:
    port, count = int(sys.argv[1]), int(sys.argv[2])
    connections = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(b"PING\r\n")
        if connection.recv(16) != b"+PONG\r\n":
            raise SystemExit("The server does not answer.")
        connections.append(connection)
    print("open", flush=True)
    sys.stdin.read()


main()
