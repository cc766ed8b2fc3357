/* Load that costs the machine little: clients that each send a pipeline of one command and wait for all its replies before they
 * send the next. The pipelines are made before; of a reply only as much is read as tells where it ends. On a machine where the
 * load shares the processors with the server, a dearer generator is what would be measured.
 *
 *   load PORT CLIENTS PIPELINE REQUESTS KEYS COMMAND [argument ...]
 *
 * __rand_int__ in an argument becomes a number below KEYS, of 12 digits. Prints requests per second. An error reply ends the run.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "client.h"

enum { PIPELINES_BYTES = 8 << 20, PIPELINES_MAX = 1 << 14, EVENTS_MAX = 256, READ_BYTES = 1 << 18, LINE_MAX_BYTES = 512 };

struct pipeline { char *bytes; size_t length; };

struct client {
    int descriptor;
    int line_length;
    char line[LINE_MAX_BYTES];
    long skip_bytes;   /* of a bulk string, its line end included */
    long parts_left;   /* of the reply at hand */
    long replies_left; /* of the pipeline under way */
};

static struct pipeline pipelines[PIPELINES_MAX];
static int pipeline_count;

static size_t write_argument(char *to, const char *argument, int keys) {
    static const char mark[] = "__rand_int__";
    char text[4096], number[16];
    const char *at = strstr(argument, mark);
    if (strlen(argument) + 16 > sizeof text) fail("an argument is too long");
    if (at == NULL) strcpy(text, argument);
    else {
        snprintf(number, sizeof number, "%012d", (int)(random() % keys));
        sprintf(text, "%.*s%s%s", (int)(at - argument), argument, number, at + strlen(mark));
    }
    return sprintf(to, "$%zu\r\n%s\r\n", strlen(text), text);
}

/* As many different pipelines as fit; a command without random numbers needs one. */
static void make_pipelines(int size, int keys, int count, char **arguments) {
    int is_random = 0;
    size_t bytes_max = 32;
    for (int i = 0; i < count; i++) {
        is_random |= strstr(arguments[i], "__rand_int__") != NULL;
        bytes_max += strlen(arguments[i]) + 32;
    }
    int wanted = is_random ? (int)(PIPELINES_BYTES / (bytes_max * size)) + 1 : 1;
    for (pipeline_count = 0; pipeline_count < wanted && pipeline_count < PIPELINES_MAX; pipeline_count++) {
        struct pipeline *pipeline = &pipelines[pipeline_count];
        pipeline->bytes = malloc(bytes_max * size);
        for (int i = 0; i < size; i++) {
            pipeline->length += sprintf(pipeline->bytes + pipeline->length, "*%d\r\n", count);
            for (int j = 0; j < count; j++) pipeline->length += write_argument(pipeline->bytes + pipeline->length, arguments[j], keys);
        }
    }
}

static void send_pipeline(struct client *client, long number, int size) {
    const struct pipeline *pipeline = &pipelines[number % pipeline_count];
    if (send(client->descriptor, pipeline->bytes, pipeline->length, 0) != (ssize_t)pipeline->length) fail("send");
    client->replies_left = size;
}

static void end_part(struct client *client) {
    if (--client->parts_left > 0) return;
    client->parts_left = 1;
    client->replies_left--;
}

static void take_line(struct client *client, const char *line) {
    long number = strtol(line + 1, NULL, 10);
    if (line[0] == '-') { fprintf(stderr, "%.*s\n", (int)strcspn(line, "\r"), line); exit(1); }
    if (line[0] == '$' && number >= 0) client->skip_bytes = number + 2;
    else {
        if (line[0] == '*' && number > 0) client->parts_left += number;
        end_part(client);
    }
}

static void take(struct client *client, const char *at, const char *end) {
    while (at < end) {
        if (client->skip_bytes > 0) {
            long bytes = end - at < client->skip_bytes ? end - at : client->skip_bytes;
            at += bytes;
            client->skip_bytes -= bytes;
            if (client->skip_bytes == 0) end_part(client);
            continue;
        }
        const char *line_end = memchr(at, '\n', end - at);
        if (line_end != NULL && client->line_length == 0) take_line(client, at);
        else {
            long bytes = (line_end != NULL ? line_end + 1 : end) - at;
            if (client->line_length + bytes >= LINE_MAX_BYTES) fail("a line is too long");
            memcpy(client->line + client->line_length, at, bytes);
            client->line_length += bytes;
            if (line_end == NULL) return;
            client->line[client->line_length] = 0;
            client->line_length = 0;
            take_line(client, client->line);
        }
        at = line_end + 1;
    }
}

int main(int argc, char **argv) {
    if (argc < 7) return fprintf(stderr, "usage: load PORT CLIENTS PIPELINE REQUESTS KEYS COMMAND [argument ...]\n"), 2;
    int port = atoi(argv[1]), count = atoi(argv[2]), size = atoi(argv[3]);
    long wanted = (atol(argv[4]) + size - 1) / size, sent = 0, answered = 0;
    make_pipelines(size, atoi(argv[5]), argc - 6, argv + 6);
    struct client *clients = calloc(count, sizeof *clients);
    static char bytes[READ_BYTES];
    int poll = epoll_create1(0);
    for (int i = 0; i < count; i++) {
        clients[i].descriptor = open_client(port);
        clients[i].parts_left = 1;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &clients[i]};
        epoll_ctl(poll, EPOLL_CTL_ADD, clients[i].descriptor, &event);
    }

    double start = now();
    for (int i = 0; i < count && sent < wanted; i++) send_pipeline(&clients[i], sent++, size);
    while (answered < wanted) {
        struct epoll_event events[EVENTS_MAX];
        int ready = epoll_wait(poll, events, EVENTS_MAX, 10000);
        if (ready == 0) return fprintf(stderr, "nothing came for ten seconds\n"), 1;
        for (int i = 0; i < ready; i++) {
            struct client *client = events[i].data.ptr;
            ssize_t length = recv(client->descriptor, bytes, READ_BYTES, 0);
            if (length <= 0) fail("recv");
            take(client, bytes, bytes + length);
            if (client->replies_left > 0) continue;
            answered++;
            if (sent < wanted) send_pipeline(client, sent++, size);
        }
    }

    printf("%.0f\n", wanted * size / (now() - start));
    return 0;
}
