"""Prints milliseconds from exec to the first PONG, the median of many starts: startup.py EXECUTABLE PORT RUNS"""

import socket
import statistics
import subprocess
import sys
import tempfile
import time

DEADLINE_SECONDS = 20


def main() -> None:
    executable, port, runs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    samples = sorted(measure(executable, port) for _ in range(runs))
    print(f"{statistics.median(samples):.0f} {samples[0]:.0f} {samples[-1]:.0f}")


def measure(executable: str, port: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        server = subprocess.Popen(
            [executable, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not answers(port):
                if server.poll() is not None or time.perf_counter() - start > DEADLINE_SECONDS:
                    raise SystemExit(f"{executable} did not start.")
                time.sleep(0.001)
            return (time.perf_counter() - start) * 1000
        finally:
            server.terminate()
            server.wait()


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16) == b"+PONG\r\n"
    except OSError:
        return False


main()
