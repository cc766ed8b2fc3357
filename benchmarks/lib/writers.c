/* Clients that each wait for a reply before they send the next SET, as cheap for the machine as can be: the requests are made
 * before, and the kernel throws the replies away (MSG_TRUNC) when their length is known. So that the server, and not this program
 * on the same cores, is what there is to measure.
 *
 *   writers PORT CLIENTS REQUESTS KEYS VALUE_BYTES
 *
 * Prints requests per second. A reply that is not "+OK" has another length, and ends the run.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_MAX = 256, REQUESTS_MADE = 1 << 14, EVENTS_MAX = 64, REPLY_BYTES = 5 };

static char requests[REQUESTS_MADE][REQUEST_MAX];
static size_t request_bytes;

static void fail(const char *what) { perror(what); exit(1); }

static int open_client(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int client = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    if (client < 0 || connect(client, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return client;
}

static void send_one(int client, long number) {
    if (send(client, requests[number % REQUESTS_MADE], request_bytes, 0) != (ssize_t)request_bytes) fail("send");
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    if (argc != 6) return fprintf(stderr, "usage: writers PORT CLIENTS REQUESTS KEYS VALUE_BYTES\n"), 2;
    int port = atoi(argv[1]), clients = atoi(argv[2]), keys = atoi(argv[4]), value_bytes = atoi(argv[5]);
    long wanted = atol(argv[3]), sent = 0, answered = 0;
    char value[128];
    if (value_bytes >= (int)sizeof value) return fprintf(stderr, "values are shorter than %zu bytes\n", sizeof value), 2;
    memset(value, 'v', value_bytes);
    value[value_bytes] = 0;
    srand(1);
    for (int i = 0; i < REQUESTS_MADE; i++)
        request_bytes = snprintf(requests[i], sizeof requests[i], "*3\r\n$3\r\nSET\r\n$16\r\nkey:%012d\r\n$%d\r\n%s\r\n", rand() % keys, value_bytes, value);

    int poll = epoll_create1(0);
    double start = now();
    for (int i = 0; i < clients && sent < wanted; i++) {
        int client = open_client(port);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = client};
        epoll_ctl(poll, EPOLL_CTL_ADD, client, &event);
        send_one(client, sent++);
    }

    while (answered < wanted) {
        struct epoll_event events[EVENTS_MAX];
        int count = epoll_wait(poll, events, EVENTS_MAX, 10000);
        if (count == 0) return fprintf(stderr, "nothing came for ten seconds\n"), 1;
        for (int i = 0; i < count; i++) {
            int client = events[i].data.fd;
            if (recv(client, NULL, 1 << 20, MSG_TRUNC | MSG_DONTWAIT) != REPLY_BYTES) return fprintf(stderr, "another reply than OK\n"), 1;
            answered++;
            if (sent < wanted) send_one(client, sent++);
        }
    }

    printf("%.0f\n", wanted / (now() - start));
    return 0;
}
