/* One publisher, many subscribers of one channel, as cheap for the machine as can be: the subscribers have the kernel throw away
 * what comes (MSG_TRUNC), so that the server and not this program is what there is to measure.
 *
 *   subscribers PORT SUBSCRIBERS DEPTH PUBLISHES VALUE_BYTES
 *
 * The publisher has DEPTH requests under way, and begins the next so many when it has all their replies. So that nobody falls
 * behind for ever, it also waits while more than LAG_MAX of its messages are not with all subscribers. Prints messages per second.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "client.h"

enum { LAG_MAX = 4096, EVENTS_MAX = 256, TEXT_MAX = 1 << 16 };

static void send_all(int client, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t sent = send(client, bytes, length, 0);
        if (sent < 0) fail("send");
        bytes += sent;
        length -= sent;
    }
}

int main(int argc, char **argv) {
    if (argc != 6) return fprintf(stderr, "usage: subscribers PORT SUBSCRIBERS DEPTH PUBLISHES VALUE_BYTES\n"), 2;
    int port = atoi(argv[1]), subscribers = atoi(argv[2]), depth = atoi(argv[3]), value_bytes = atoi(argv[5]);
    long publishes = atol(argv[4]);
    char *value = malloc(value_bytes + 1), request[TEXT_MAX], message[TEXT_MAX], reply[32], answer[256];
    memset(value, 'x', value_bytes);
    value[value_bytes] = 0;
    size_t request_bytes = snprintf(request, TEXT_MAX, "*3\r\n$7\r\nPUBLISH\r\n$7\r\nchannel\r\n$%d\r\n%s\r\n", value_bytes, value);
    size_t message_bytes = snprintf(message, TEXT_MAX, "*3\r\n$7\r\nmessage\r\n$7\r\nchannel\r\n$%d\r\n%s\r\n", value_bytes, value);
    size_t reply_bytes = snprintf(reply, sizeof reply, ":%d\r\n", subscribers);
    const char *subscribe = "*2\r\n$9\r\nSUBSCRIBE\r\n$7\r\nchannel\r\n";
    char *requests = malloc(request_bytes * depth);
    for (int i = 0; i < depth; i++) memcpy(requests + request_bytes * i, request, request_bytes);

    int poll = epoll_create1(0);
    for (int i = 0; i < subscribers; i++) {
        int client = open_client(port);
        send_all(client, subscribe, strlen(subscribe));
        if (recv(client, answer, sizeof answer, 0) <= 0) fail("recv");
        struct epoll_event event = {.events = EPOLLIN, .data.fd = client};
        epoll_ctl(poll, EPOLL_CTL_ADD, client, &event);
    }

    int publisher = open_client(port);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = publisher};
    epoll_ctl(poll, EPOLL_CTL_ADD, publisher, &event);

    unsigned long long wanted = (unsigned long long)publishes * subscribers * message_bytes, received = 0, replied = 0;
    long sent = 0;
    double start = now();
    while (received < wanted) {
        unsigned long long lag = (unsigned long long)sent * subscribers * message_bytes - received;
        int may_send = sent < publishes && replied >= sent * reply_bytes && lag < (unsigned long long)LAG_MAX * subscribers * message_bytes;
        if (may_send) {
            int count = publishes - sent < depth ? publishes - sent : depth;
            send_all(publisher, requests, request_bytes * count);
            sent += count;
        }
        struct epoll_event events[EVENTS_MAX];
        int count = epoll_wait(poll, events, EVENTS_MAX, 10000);
        if (count == 0) return fprintf(stderr, "nothing came for ten seconds\n"), 1;
        for (int i = 0; i < count; i++) {
            int client = events[i].data.fd;
            ssize_t bytes = recv(client, NULL, 1 << 30, MSG_TRUNC | MSG_DONTWAIT);
            if (bytes == 0 || (bytes < 0 && errno != EAGAIN)) fail("recv");
            if (bytes < 0) continue;
            if (client == publisher) replied += bytes;
            else received += bytes;
        }
    }

    double seconds = now() - start;
    printf("%.0f messages/s, %.2f s\n", (double)publishes * subscribers / seconds, seconds);
    return 0;
}
