/* A process that wakes up at even intervals, works for a moment and sleeps again: what a client that is sent a reply each time takes
 * from the machine, without the server having anything to do with it.
 *
 * waker PER_SECOND WORK_US
 */
#define _GNU_SOURCE
#include <sys/prctl.h>

#include "client.h"

int main(int count, char **words) {
    enum { EXACT_NS = 1000, LATE_SECONDS = 1 };
    if (count != 3 || atof(words[1]) <= 0 || atof(words[2]) < 0) return fputs("usage: waker PER_SECOND WORK_US\n", stderr), 2;
    double interval = 1 / atof(words[1]), work = atof(words[2]) / 1e6;
    prctl(PR_SET_TIMERSLACK, EXACT_NS, 0, 0, 0);
    for (double due = now();; due += interval) {
        if (now() - due > LATE_SECONDS) due = now(); /* it was stopped: what it missed is not made up for */
        struct timespec until = {(time_t)due, (long)((due - (time_t)due) * 1e9)};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, 0);
        double start = now();
        while (now() - start < work) continue;
    }
}
