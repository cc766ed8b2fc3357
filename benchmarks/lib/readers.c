/* What readers notice of writers, without what a second program of load takes from the machine: one thread has both. The readers GET
 * keys that are not there, the writers SET, each sends its next request when it has its reply. The writers rest in every other
 * interval, so that "alone" and "beside" are of the same moment.
 *
 *   readers PORT READERS WRITERS PAIRS INTERVAL_MS [SETS_PER_SECOND]
 *
 * With SETS_PER_SECOND writers that have their reply wait until it is their turn, at even distances.
 * Prints a line for each pair: alone and beside, requests of the readers per second and the 99th percentile of their latency in
 * milliseconds; then SETs per second. An error reply ends the run.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "client.h"

enum { EVENTS_MAX = 256, SLOTS = 1 << 20, KEYS = 100000, SETTLE_MS = 100, REPLY_MAX_BYTES = 64 };

struct client {
    int descriptor;
    int is_writer, is_busy;
    int length;
    char reply[REPLY_MAX_BYTES];
    double sent_at;
};

struct interval { double seconds; long reads, writes; };

static unsigned latencies[SLOTS]; /* of the readers in the present interval, by microseconds */
static struct interval present;
static double set_seconds; /* between two SETs; 0: each writer sends at once */

static void send_next(struct client *client) {
    char request[128];
    int length = client->is_writer
        ? sprintf(request, "*3\r\n$3\r\nSET\r\n$16\r\nkey:%012ld\r\n$5\r\nvalue\r\n", random() % KEYS)
        : sprintf(request, "*2\r\n$3\r\nGET\r\n$18\r\nclean:%012ld\r\n", random() % 1000);
    client->is_busy = 1;
    client->sent_at = now();
    if (send(client->descriptor, request, length, 0) != length) fail("send");
}

/* Whether the whole reply is there: one line, as a value is never found. */
static int take(struct client *client) {
    ssize_t length = recv(client->descriptor, client->reply + client->length, REPLY_MAX_BYTES - 1 - client->length, 0);
    if (length <= 0) fail("recv");
    client->length += length;
    client->reply[client->length] = 0;
    if (client->reply[client->length - 1] != '\n') return 0;
    if (strcmp(client->reply, client->is_writer ? "+OK\r\n" : "$-1\r\n") != 0) {
        fprintf(stderr, "unexpected reply: %s", client->reply);
        exit(1);
    }
    client->length = 0;
    return 1;
}

static void note(const struct client *client, double time) {
    if (client->is_writer) {
        present.writes++;
        return;
    }
    long slot = (long)((time - client->sent_at) * 1e6);
    latencies[slot < SLOTS ? slot : SLOTS - 1]++;
    present.reads++;
}

/* A writer that has its reply, if there is one, in order. */
static struct client *next_writer(struct client *clients, int count, int *turn) {
    for (int i = 0; i < count; i++) {
        struct client *client = &clients[(*turn)++ % count];
        if (client->is_writer && !client->is_busy) return client;
    }
    return NULL;
}

/* Serves all for so long; what had been sent before the interval began counts in it. */
static void run(int poll, struct client *clients, int count, int with_writers, int for_ms) {
    double start = now(), time = start;
    memset(latencies, 0, sizeof latencies);
    present = (struct interval){0};
    double due = start;
    int turn = 0, is_paced = with_writers && set_seconds > 0, at_once = with_writers && !is_paced;
    for (int i = 0; i < count; i++) if (!clients[i].is_busy && (at_once || !clients[i].is_writer)) send_next(&clients[i]);
    while (time - start < for_ms / 1e3) {
        struct epoll_event events[EVENTS_MAX];
        int ready = epoll_wait(poll, events, EVENTS_MAX, 10000);
        if (ready == 0) {
            fprintf(stderr, "nothing came for ten seconds\n");
            exit(1);
        }

        if (is_paced && now() >= due) {
            struct client *client = next_writer(clients, count, &turn);
            if (client) send_next(client);
            due += set_seconds;
        }
        for (int i = 0; i < ready; i++) {
            struct client *client = events[i].data.ptr;
            if (!take(client)) continue;
            time = now();
            note(client, time);
            client->is_busy = 0;
            if (at_once || !client->is_writer) send_next(client);
        }
    }
    present.seconds = time - start;
}

static double p99_ms(void) {
    long rest = present.reads - present.reads * 99 / 100;
    int slot = SLOTS;
    while (rest > 0 && slot > 0) rest -= latencies[--slot];
    return slot / 1e3;
}

int main(int argc, char **argv) {
    if (argc != 6 && argc != 7)
        return fprintf(stderr, "usage: readers PORT READERS WRITERS PAIRS INTERVAL_MS [SETS_PER_SECOND]\n"), 2;
    if (argc == 7 && atof(argv[6]) > 0) set_seconds = 1 / atof(argv[6]);
    int readers = atoi(argv[2]), count = readers + atoi(argv[3]), interval_ms = atoi(argv[5]), poll = epoll_create1(0);
    struct client *clients = calloc(count, sizeof *clients);
    for (int i = 0; i < count; i++) {
        clients[i].descriptor = open_client(atoi(argv[1]));
        clients[i].is_writer = i >= readers;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &clients[i]};
        epoll_ctl(poll, EPOLL_CTL_ADD, clients[i].descriptor, &event);
    }
    for (int pair = 0; pair < atoi(argv[4]); pair++) {
        for (int with_writers = 0; with_writers <= 1; with_writers++) {
            run(poll, clients, count, with_writers, SETTLE_MS);
            run(poll, clients, count, with_writers, interval_ms);
            printf("%.0f %.3f ", present.reads / present.seconds, p99_ms());
        }
        printf("%.0f\n", present.writes / present.seconds);
    }
    return 0;
}
