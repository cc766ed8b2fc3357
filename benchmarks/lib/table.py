"""Reads "workload<TAB>server<TAB>rps<TAB>cpu_us" lines and prints medians and the ratios of ours to the others."""

import statistics
import sys
from collections import defaultdict


def main() -> None:
    rates = defaultdict(lambda: defaultdict(list))
    costs = defaultdict(lambda: defaultdict(list))
    servers: list[str] = []
    for line in sys.stdin:
        workload, server, rate, cost = line.rstrip("\n").split("\t")
        rates[workload][server].append(float(rate))
        costs[workload][server].append(float(cost))
        if server not in servers:
            servers.append(server)

    others = [server for server in servers if server != "ours"]
    print_table("Thousand requests per second (ratio: higher is better)", rates, servers, others, 1e-3, 1)
    print_table("CPU microseconds per request (ratio: lower is better)", costs, servers, others, 1, 3)


def print_table(title, samples, servers, others, scale, decimals) -> None:
    print(f"\n{title}")
    heads = ["workload", *servers, *(f"ours/{other}" for other in others)]
    print(f"{heads[0]:24}" + "".join(f"{head:>12}" for head in heads[1:]))
    for workload, by_server in samples.items():
        medians = {server: statistics.median(by_server[server]) for server in servers}
        cells = [f"{medians[server] * scale:12.{decimals}f}" for server in servers]
        if "ours" in medians:
            cells += [f"{medians['ours'] / medians[other]:12.2f}" for other in others]
        print(f"{workload:24}" + "".join(cells))


main()
