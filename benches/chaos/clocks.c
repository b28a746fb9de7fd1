/* Preloaded into the daemon: moves its clocks. The file CLOCKS holds two numbers of 64 bits, nanoseconds that are added to
 * the wall clock and to the monotonic clock; it is mapped, so a change holds at once. Sleeps go on as they would: absolute
 * deadlines are turned back into the kernel's time (libfaketime leaves those of a bare futex as they are, and the waits of
 * Rust's standard library then last two hours). */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

struct offsets {
    volatile int64_t wall;
    volatile int64_t monotonic;
};

static struct offsets none;
static struct offsets *offsets = &none;
static long (*next_syscall)(long, ...);
static int (*next_clock)(clockid_t, struct timespec *);
static int (*next_sleep)(clockid_t, int, const struct timespec *, struct timespec *);

static void next_symbol(void *into, const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(into, &found, sizeof found);
}

__attribute__((constructor)) static void begin(void) {
    next_symbol(&next_syscall, "syscall");
    next_symbol(&next_clock, "clock_gettime");
    next_symbol(&next_sleep, "clock_nanosleep");
    const char *name = getenv("CLOCKS");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof *offsets, PROT_READ, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) offsets = mapped;
    close(file);
}

static int64_t offset(clockid_t clock) {
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        return offsets->wall;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME:
        return offsets->monotonic;
    default:
        return 0;
    }
}

static struct timespec shifted(struct timespec at, int64_t by) {
    int64_t total = (int64_t)at.tv_sec * SECOND + at.tv_nsec + by;
    if (total < 0) total = 0;
    return (struct timespec){.tv_sec = total / SECOND, .tv_nsec = total % SECOND};
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    if (!next_clock) begin();
    int done = next_clock(clock, at);
    if (done == 0) *at = shifted(*at, offset(clock));
    return done;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left) {
    if (!(flags & TIMER_ABSTIME)) return next_sleep(clock, flags, until, left);
    struct timespec real = shifted(*until, -offset(clock));
    return next_sleep(clock, flags, &real, left);
}

/* Rust's standard library waits by FUTEX_WAIT_BITSET, whose deadline is absolute. */
long syscall(long number, ...) {
    if (!next_syscall) begin();
    long a[6];
    va_list rest;
    va_start(rest, number);
    for (int each = 0; each < 6; each++) a[each] = va_arg(rest, long);
    va_end(rest);
    if (number == SYS_futex && (a[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET && a[3]) {
        clockid_t clock = a[1] & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
        struct timespec real = shifted(*(const struct timespec *)a[3], -offset(clock));
        return next_syscall(number, a[0], a[1], a[2], &real, a[4], a[5]);
    }
    return next_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
