"""Very many channels: used and resident memory per subscription.

pubsub.py PORT CHANNELS CLIENTS
"""
import socket
import sys


def connect(port):
    client = socket.create_connection(("127.0.0.1", port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def encode(*arguments):
    return b"*%d\r\n" % len(arguments) + b"".join(b"$%d\r\n%s\r\n" % (len(a), a) for a in arguments)


def memory_of(port):
    client = connect(port)
    client.sendall(encode(b"INFO", b"memory"))
    fields = dict(line.split(":", 1) for line in client.recv(1 << 16).decode().split("\r\n") if ":" in line)
    client.close()
    return int(fields["used_memory"]), int(fields["used_memory_rss"])


def memory(port, channel_count, client_count):
    used_before, resident_before = memory_of(port)
    clients, each = [], channel_count // client_count
    for number in range(client_count):
        client = connect(port)
        clients.append(client)
        for first in range(0, each, 1000):
            last = min(each, first + 1000)
            names = [b"channel:%012d" % (number * each + i) for i in range(first, last)]
            client.sendall(encode(b"SUBSCRIBE", *names))
            tail = b""
            while not tail.endswith(b":%d\r\n" % last):
                tail = (tail + client.recv(1 << 20))[-64:]
    used, resident = memory_of(port)
    count = each * client_count
    print(f"{(used - used_before) / count:.1f} B used, {(resident - resident_before) / count:.1f} B resident per subscription")


if __name__ == "__main__":
    memory(*map(int, sys.argv[1:]))
