"""One publisher, many subscribers of one channel; or very many channels.

pubsub.py messages PORT PID SUBSCRIBERS DEPTH PUBLISHES   messages per second and the server's CPU seconds
pubsub.py memory PORT CHANNELS CLIENTS                    used and resident memory per subscription
"""
import os
import selectors
import socket
import sys
import time


def connect(port):
    client = socket.create_connection(("127.0.0.1", port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def encode(*arguments):
    return b"*%d\r\n" % len(arguments) + b"".join(b"$%d\r\n%s\r\n" % (len(a), a) for a in arguments)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def messages(port, pid, subscriber_count, depth, publish_count):
    message = encode(b"message", b"channel", b"x" * 64)
    selector = selectors.DefaultSelector()
    for _ in range(subscriber_count):
        subscriber = connect(port)
        subscriber.sendall(encode(b"SUBSCRIBE", b"channel"))
        subscriber.recv(1000)
        selector.register(subscriber, selectors.EVENT_READ)
    publisher = connect(port)
    selector.register(publisher, selectors.EVENT_READ)
    request, reply = encode(b"PUBLISH", b"channel", b"x" * 64), b":%d\r\n" % subscriber_count
    wanted, received, replied, sent = publish_count * subscriber_count * len(message), 0, 0, 0
    cpu_before, start = cpu_seconds(pid), time.monotonic()
    while received < wanted:
        if sent < publish_count and sent * len(reply) <= replied:
            count = min(depth, publish_count - sent)
            publisher.sendall(request * count)
            sent += count
        for key, _ in selector.select():
            count = len(key.fileobj.recv(1 << 20))
            if key.fileobj is publisher:
                replied += count
            else:
                received += count
    seconds = time.monotonic() - start
    rate = publish_count * subscriber_count / seconds
    print(f"{rate:.0f} messages/s, {cpu_seconds(pid) - cpu_before:.2f} s of CPU")


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
    {"messages": messages, "memory": memory}[sys.argv[1]](*map(int, sys.argv[2:]))
