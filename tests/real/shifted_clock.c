/* The wall clock of a process, shifted by what a shared file says; nothing else is. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static volatile long *shift;
__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("CLOCK_SHIFT_FILE");
    int fd = file ? open(file, O_RDONLY) : -1;
    if (fd >= 0) {
        void *at = mmap(0, sizeof(long), PROT_READ, MAP_SHARED, fd, 0);
        if (at != MAP_FAILED) shift = at;
        close(fd);
    }
}
static long by(void) { return shift ? *shift : 0; }
static int is_wall(clockid_t c) { return c == CLOCK_REALTIME || c == CLOCK_REALTIME_COARSE; }
int clock_gettime(clockid_t c, struct timespec *t) {
    int r = syscall(SYS_clock_gettime, c, t);
    if (!r && is_wall(c)) t->tv_sec += by();
    return r;
}
int gettimeofday(struct timeval *restrict v, void *restrict z) {
    struct timespec t;
    (void)z;
    clock_gettime(CLOCK_REALTIME, &t);
    v->tv_sec = t.tv_sec;
    v->tv_usec = t.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *out) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (out) *out = t.tv_sec;
    return t.tv_sec;
}
#define REAL(type, name, version) \
    static type real; \
    if (!real) real = (type)dlvsym(RTLD_NEXT, name, version)
typedef int (*cond_wait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
int pthread_cond_timedwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m,
                           const struct timespec *restrict until) {
    REAL(cond_wait, "pthread_cond_timedwait", "GLIBC_2.3.2");
    struct timespec t = *until;
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    /* A condition on the monotonic clock is days or years below the wall's. */
    if (t.tv_sec > now.tv_sec - 100000000) t.tv_sec -= by();
    return real(c, m, &t);
}
