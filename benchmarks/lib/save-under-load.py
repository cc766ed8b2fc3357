"""What a background save costs those who write meanwhile: save-under-load.py PORT PID CLIENTS KEYS IDLE_SECONDS SAVE -- COMMAND ...

SAVE      the save's command, as "BGSAVE", "BGSAVE THREAD" or "BGREWRITEAOF"; "spin" for no save, but a process that does nothing
          but use a processor, at the priority of the thread save: what any third busy thread costs on this machine
COMMAND   what clients send one at a time; __rand_int__ stands for one of KEYS numbers

With LOAD_CPULIST and SAVE_CPULIST in the environment the load, and the process that spins, are held to these processors.

Load comes from redis-benchmark, in short runs one behind the other, first without a save and then until the save has ended.
Their latency distributions are added up. Prints one line, tab-separated:
  seconds of the save, RSS before and at its peak and what INFO calls copy-on-write (MB), then requests per second, p99, p99.9
  and the maximum (milliseconds) without the save, then the same during the save.
"""

import os
import re
import socket
import subprocess
import sys
import threading
import time

REQUESTS_PER_RUN = 40000
STEP = re.compile(r"<= ([0-9.]+) milliseconds \(cumulative count (\d+)\)")
SAMPLE_SECONDS = 0.02
MEGABYTE = 1 << 20
SPINNER_NICENESS = "10"


class Server:
    def __init__(self, port: int) -> None:
        self.connection = socket.create_connection(("127.0.0.1", port))
        self.reader = self.connection.makefile("rb")

    def call(self, *words: str) -> str:
        parts = [f"${len(word)}\r\n{word}\r\n" for word in words]
        self.connection.sendall(f"*{len(words)}\r\n{''.join(parts)}".encode())
        line = self.reader.readline().decode().strip()
        if line.startswith("$"):
            return self.reader.read(int(line[1:]) + 2).decode()
        if line.startswith("-"):
            raise SystemExit(f"{words}: {line}")
        return line

    def field(self, name: str) -> str:
        found = re.search(rf"^{name}:(.*)\r$", self.call("INFO", "persistence"), re.MULTILINE)
        return found.group(1) if found else ""

    def is_saving(self) -> bool:
        return "1" in (self.field("rdb_bgsave_in_progress"), self.field("aof_rewrite_in_progress"), self.field("aof_rewrite_scheduled"))


class Load:
    """Adds up the distributions of many short runs."""

    def __init__(self, port: str, clients: str, keys: str, command: list) -> None:
        self.arguments = held_to("LOAD_CPULIST") + ["redis-benchmark", "-p", port, "-n", str(REQUESTS_PER_RUN)]
        self.arguments += ["-c", clients, "-r", keys, "--precision", "3"] + command
        self.counts = {}
        self.requests = 0
        self.rates = []

    def run(self) -> None:
        text = subprocess.run(self.arguments, capture_output=True, text=True, check=True).stdout.replace("\r", "\n")
        before = 0
        for latency_ms, cumulative in STEP.findall(text.split("Cumulative distribution")[0]):
            self.counts[float(latency_ms)] = self.counts.get(float(latency_ms), 0) + int(cumulative) - before
            before = int(cumulative)
        self.requests += before
        self.rates.append(float(re.search(r"throughput summary: ([0-9.]+)", text).group(1)))

    def percentile(self, share: float) -> float:
        seen = 0
        for latency_ms in sorted(self.counts):
            seen += self.counts[latency_ms]
            if seen >= self.requests * share:
                return latency_ms
        return 0.0

    def summary(self) -> list:
        rate = sum(self.rates) / len(self.rates)
        return [f"{rate:.0f}"] + [f"{self.percentile(share):.2f}" for share in (0.99, 0.999, 1.0)]


class PeakMemory(threading.Thread):
    """Looks at the server's resident memory again and again."""

    def __init__(self, pid: str) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.first = self.peak = self.now()

    def now(self) -> int:
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def run(self) -> None:
        while True:
            self.peak = max(self.peak, self.now())
            time.sleep(SAMPLE_SECONDS)


def held_to(variable: str) -> list:
    return ["taskset", "-c", os.environ[variable]] if os.environ.get(variable) else []


def main() -> None:
    port, pid, clients, keys, idle_seconds, save, dashes, *command = sys.argv[1:]
    if dashes != "--":
        raise SystemExit(__doc__)
    server = Server(int(port))
    warm_up = Load(port, clients, keys, command)
    warm_up.run()

    idle = Load(port, clients, keys, command)
    end = time.monotonic() + float(idle_seconds)
    while time.monotonic() < end:
        idle.run()

    memory = PeakMemory(pid)
    memory.start()
    saving = Load(port, clients, keys, command)
    begin = time.monotonic()
    if save == "spin":
        spinner = subprocess.Popen(held_to("SAVE_CPULIST") + ["nice", "-n", SPINNER_NICENESS, "sh", "-c", "while :; do :; done"])
        try:
            while time.monotonic() < begin + float(idle_seconds):
                saving.run()
        finally:
            spinner.kill()
        fields = [memory.first / MEGABYTE, memory.peak / MEGABYTE, 0]
        print_line(time.monotonic() - begin, fields, idle, saving)
        return
    server.call(*save.split())
    watcher = Watcher(server, begin)
    watcher.start()
    while watcher.is_alive():
        saving.run()
    kind = ("rdb", "rdb_last_bgsave_status") if save.startswith("BGSAVE") else ("aof", "aof_last_bgrewrite_status")
    memory_fields = [memory.first / MEGABYTE, memory.peak / MEGABYTE, int(server.field(f"{kind[0]}_last_cow_size")) / MEGABYTE]
    if server.field(kind[1]) != "ok":
        raise SystemExit("The save failed.")
    print_line(watcher.seconds, memory_fields, idle, saving)


def print_line(seconds: float, memory_fields: list, idle: Load, saving: Load) -> None:
    print("\t".join([f"{seconds:.1f}"] + [f"{field:.0f}" for field in memory_fields] + idle.summary() + saving.summary()))


class Watcher(threading.Thread):
    """Waits for the end of the save."""

    def __init__(self, server: Server, begin: float) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.begin = begin
        self.seconds = 0.0

    def run(self) -> None:
        while self.server.is_saving():
            time.sleep(SAMPLE_SECONDS)
        self.seconds = time.monotonic() - self.begin


main()
