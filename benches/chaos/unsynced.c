/* Preloaded into the daemon: writes down how to undo everything that was not synced, so that a kill can be made a power
 * cut. Every change below the folder UNSYNCED_FOLDER is preceded by a record in the file UNSYNCED_LOG that holds what was
 * there before; every sync appends one that settles what came before it. `scripts/chaos power` kills the daemon and then
 * applies the unsettled records in reverse order (rig/undo.rs).
 *
 * fsync and fdatasync of a file settle its contents and its creation; fsync of a folder settles creation, renaming and
 * removal inside it; syncfs settles everything. The -shm file of SQLite is shared memory and never durable; it is left alone, as are sockets. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { CHANGE = 1, CREATE = 2, RENAME = 3, UNLINK = 4, SYNC = 5 };

struct record {
    uint64_t kind;
    uint64_t seq; /* where it begins in the log */
    uint64_t inode;
    uint64_t folder;       /* inode of the folder; of a RENAME, of the new one */
    uint64_t other_folder; /* of a RENAME, of the old one */
    uint64_t offset;
    uint64_t size;  /* of the file before */
    uint64_t mark;  /* of a SYNC: records with a lower seq are settled */
    uint64_t names; /* octets of names that follow */
    uint64_t data;  /* octets of old contents that follow the names */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t saved;
static int book = -2;

static const char *folder(void) { return getenv("UNSYNCED_FOLDER"); }

static int is_below(const char *path) {
    const char *under = folder();
    size_t length = under ? strlen(under) : 0;
    if (length == 0 || strncmp(path, under, length) != 0 || (path[length] != '/' && path[length] != 0)) return 0;
    size_t end = strlen(path);
    return end < 4 || strcmp(path + end - 4, "-shm") != 0;
}

/* The absolute path of a name as the caller gives it. */
static int absolute(int at, const char *name, char *path) {
    char base[PATH_MAX];
    if (name[0] == '/') return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX;
    if (at == AT_FDCWD) {
        if (!getcwd(base, sizeof base)) return 0;
    } else {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        ssize_t length = readlink(link, base, sizeof base - 1);
        if (length < 0) return 0;
        base[length] = 0;
    }
    return snprintf(path, PATH_MAX, "%s/%s", base, name) < PATH_MAX;
}

static int tracked_name(int at, const char *name, char *path) { return absolute(at, name, path) && is_below(path); }

/* Whether a descriptor is a regular file or folder below the folder. */
static int tracked(int fd, struct stat *st) {
    char link[64], path[PATH_MAX];
    if (!folder() || fstat(fd, st) != 0 || !(S_ISREG(st->st_mode) || S_ISDIR(st->st_mode))) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_below(path);
}

static uint64_t inode_of_folder(const char *path) {
    char parent[PATH_MAX];
    struct stat st;
    snprintf(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (!slash) return 0;
    *slash = 0;
    return stat(parent, &st) == 0 ? st.st_ino : 0;
}

/* Under the lock: where the next record will begin; whatever process writes it, it lies behind all earlier ones. */
static uint64_t next_record(void) {
    struct stat st;
    if (book == -2) {
        const char *file = getenv("UNSYNCED_LOG");
        book = file ? (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    }
    return book >= 0 && fstat(book, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* Under the lock. */
static void note(struct record record, const char *names, const void *data) {
    record.seq = next_record();
    struct iovec parts[3] = {{&record, sizeof record}, {(void *)names, record.names}, {(void *)data, record.data}};
    if (book < 0 || syscall(SYS_writev, book, parts, 3) != (long)(sizeof record + record.names + record.data)) {
        static const char said[] = "unsynced: the log cannot be written\n";
        syscall(SYS_write, 2, said, sizeof said - 1);
        syscall(SYS_exit_group, 70);
    }
}

/* Under the lock: the contents of [offset, offset + length) and the size, before they change. */
static void note_change(int fd, const struct stat *st, uint64_t offset, uint64_t length) {
    uint64_t size = (uint64_t)st->st_size;
    uint64_t old = offset >= size ? 0 : (size - offset < length ? size - offset : length);
    void *data = NULL;
    if (old > 0) {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        int reader = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDONLY | O_CLOEXEC);
        data = malloc(old);
        uint64_t have = 0;
        while (reader >= 0 && data && have < old) {
            long got = syscall(SYS_pread64, reader, (char *)data + have, old - have, offset + have);
            if (got <= 0) break;
            have += (uint64_t)got;
        }
        if (reader >= 0) syscall(SYS_close, reader);
        old = have;
    }
    struct record record = {.kind = CHANGE, .inode = st->st_ino, .offset = offset, .size = size, .data = old};
    note(record, NULL, data);
    free(data);
}

static void note_sync(uint64_t inode, uint64_t mark) {
    struct record record = {.kind = SYNC, .inode = inode, .mark = mark};
    note(record, NULL, NULL);
}

static void next_symbol(void *into, const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(into, &found, sizeof found);
}

/* Carries out a change of [offset, offset + length) between its record and, where the file is open for synchronous
 * writing, its settlement. */
#define CHANGED(fd, st, offset, length, call)                                                                          \
    ({                                                                                                                 \
        pthread_mutex_lock(&lock);                                                                                     \
        note_change(fd, st, offset, length);                                                                           \
        __auto_type done = (call);                                                                                     \
        int failed = errno;                                                                                            \
        int flags = (int)syscall(SYS_fcntl, fd, F_GETFL);                                                              \
        if (flags >= 0 && (flags & (O_SYNC | O_DSYNC))) note_sync((st)->st_ino, next_record());                                  \
        pthread_mutex_unlock(&lock);                                                                                   \
        errno = failed;                                                                                                \
        done;                                                                                                          \
    })

static uint64_t position(int fd, const struct stat *st) {
    int flags = (int)syscall(SYS_fcntl, fd, F_GETFL);
    if (flags >= 0 && (flags & O_APPEND)) return (uint64_t)st->st_size;
    long at = syscall(SYS_lseek, fd, 0, SEEK_CUR);
    return at < 0 ? 0 : (uint64_t)at;
}

static uint64_t total(const struct iovec *parts, int many) {
    uint64_t sum = 0;
    for (int part = 0; part < many; part++) sum += parts[part].iov_len;
    return sum;
}

ssize_t write(int fd, const void *buffer, size_t length) {
    struct stat st;
    if (!tracked(fd, &st)) return syscall(SYS_write, fd, buffer, length);
    return CHANGED(fd, &st, position(fd, &st), length, syscall(SYS_write, fd, buffer, length));
}

ssize_t writev(int fd, const struct iovec *parts, int many) {
    struct stat st;
    if (!tracked(fd, &st)) return syscall(SYS_writev, fd, parts, many);
    return CHANGED(fd, &st, position(fd, &st), total(parts, many), syscall(SYS_writev, fd, parts, many));
}

ssize_t pwrite64(int fd, const void *buffer, size_t length, off64_t offset) {
    struct stat st;
    if (!tracked(fd, &st)) return syscall(SYS_pwrite64, fd, buffer, length, offset);
    return CHANGED(fd, &st, (uint64_t)offset, length, syscall(SYS_pwrite64, fd, buffer, length, offset));
}

ssize_t pwrite(int fd, const void *buffer, size_t length, off_t offset) { return pwrite64(fd, buffer, length, offset); }

ssize_t pwritev64(int fd, const struct iovec *parts, int many, off64_t offset) {
    struct stat st;
    if (!tracked(fd, &st)) return syscall(SYS_pwritev, fd, parts, many, offset, 0);
    return CHANGED(fd, &st, (uint64_t)offset, total(parts, many), syscall(SYS_pwritev, fd, parts, many, offset, 0));
}

ssize_t pwritev(int fd, const struct iovec *parts, int many, off_t offset) {
    return pwritev64(fd, parts, many, offset);
}

int ftruncate64(int fd, off64_t length) {
    struct stat st;
    if (!tracked(fd, &st)) return (int)syscall(SYS_ftruncate, fd, length);
    return CHANGED(fd, &st, (uint64_t)length, UINT64_MAX - (uint64_t)length, (int)syscall(SYS_ftruncate, fd, length));
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
    struct stat st;
    if (!tracked(fd, &st)) return (int)syscall(SYS_fallocate, fd, mode, offset, length);
    return CHANGED(fd, &st, (uint64_t)offset, mode == 0 ? 0 : (uint64_t)length,
                   (int)syscall(SYS_fallocate, fd, mode, offset, length));
}

int fallocate(int fd, int mode, off_t offset, off_t length) { return fallocate64(fd, mode, offset, length); }

int posix_fallocate64(int fd, off64_t offset, off64_t length) {
    return fallocate64(fd, 0, offset, length) == 0 ? 0 : errno;
}

int posix_fallocate(int fd, off_t offset, off_t length) { return posix_fallocate64(fd, offset, length); }

/* Whoever copies inside the kernel falls back to read and write. */
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t length, unsigned flags) {
    struct stat st;
    if (!tracked(out, &st)) return syscall(SYS_copy_file_range, in, from, out, to, length, flags);
    errno = ENOSYS;
    return -1;
}

ssize_t sendfile64(int out, int in, off64_t *offset, size_t length) {
    struct stat st;
    if (!tracked(out, &st)) return syscall(SYS_sendfile, out, in, offset, length);
    errno = EINVAL;
    return -1;
}

ssize_t sendfile(int out, int in, off_t *offset, size_t length) { return sendfile64(out, in, offset, length); }

/* Stands for every inode of the file system. */
enum { WHOLE = 0 };

static int synced(int fd, long number) {
    struct stat st;
    int is_tracked = tracked(fd, &st);
    pthread_mutex_lock(&lock);
    uint64_t mark = next_record();
    pthread_mutex_unlock(&lock);
    int done = (int)syscall(number, fd);
    if (is_tracked && done == 0) {
        pthread_mutex_lock(&lock);
        note_sync(number == SYS_syncfs ? WHOLE : st.st_ino, mark);
        pthread_mutex_unlock(&lock);
    }
    return done;
}

int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }
int syncfs(int fd) { return synced(fd, SYS_syncfs); }

static int opened(int at, const char *name, int flags, mode_t mode) {
    char path[PATH_MAX];
    struct stat st;
    if (!folder() || !(flags & (O_CREAT | O_TRUNC)) || !tracked_name(at, name, path))
        return (int)syscall(SYS_openat, at, name, flags, mode);
    pthread_mutex_lock(&lock);
    int is_new = stat(path, &st) != 0;
    if (!is_new && (flags & O_TRUNC) && S_ISREG(st.st_mode)) {
        int reader = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
        if (reader >= 0) {
            note_change(reader, &st, 0, UINT64_MAX);
            syscall(SYS_close, reader);
        }
    }
    int fd = (int)syscall(SYS_openat, at, name, flags, mode);
    int failed = errno;
    if (fd >= 0 && is_new && fstat(fd, &st) == 0) {
        struct record record = {.kind = CREATE, .inode = st.st_ino, .folder = inode_of_folder(path)};
        note(record, NULL, NULL);
    }
    pthread_mutex_unlock(&lock);
    errno = failed;
    return fd;
}

#define MODE(flags)                                                                                                    \
    mode_t mode = 0;                                                                                                   \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                                             \
        va_list rest;                                                                                                  \
        va_start(rest, flags);                                                                                         \
        mode = va_arg(rest, mode_t);                                                                                   \
        va_end(rest);                                                                                                  \
    }

int open(const char *name, int flags, ...) { MODE(flags) return opened(AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE(flags) return opened(AT_FDCWD, name, flags, mode); }
int openat(int at, const char *name, int flags, ...) { MODE(flags) return opened(at, name, flags, mode); }
int openat64(int at, const char *name, int flags, ...) { MODE(flags) return opened(at, name, flags, mode); }
int creat(const char *name, mode_t mode) { return opened(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *name, mode_t mode) { return creat(name, mode); }

/* A second name for what is about to lose its own, so that it can be given back; empty if there is nothing. */
static void keep(const char *path, char *kept) {
    const char *trash = getenv("UNSYNCED_TRASH");
    kept[0] = 0;
    if (!trash) return;
    char into[PATH_MAX];
    snprintf(into, sizeof into, "%s/%d-%llu", trash, (int)getpid(), (unsigned long long)saved++);
    if (syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, into, 0) == 0) snprintf(kept, PATH_MAX, "%s", into);
}

/* Three names, one after another, each with its zero. */
static uint64_t names(char *into, const char *a, const char *b, const char *c) {
    uint64_t length = 0;
    const char *all[3] = {a, b, c};
    for (int each = 0; each < 3; each++) {
        uint64_t octets = strlen(all[each]) + 1;
        memcpy(into + length, all[each], octets);
        length += octets;
    }
    return length;
}

static int renamed(int at, const char *old, int to, const char *new, unsigned flags) {
    char from[PATH_MAX], into[PATH_MAX], kept[PATH_MAX], all[3 * PATH_MAX];
    struct stat st;
    int is_ours = folder() && tracked_name(to, new, into) && absolute(at, old, from) && stat(from, &st) == 0;
    if (!is_ours || (flags & RENAME_EXCHANGE)) return (int)syscall(SYS_renameat2, at, old, to, new, flags);
    pthread_mutex_lock(&lock);
    kept[0] = 0;
    if (!(flags & RENAME_NOREPLACE)) keep(into, kept);
    struct record record = {.kind = RENAME,
                            .inode = st.st_ino,
                            .folder = inode_of_folder(into),
                            .other_folder = inode_of_folder(from),
                            .names = names(all, from, into, kept)};
    note(record, all, NULL);
    int done = (int)syscall(SYS_renameat2, at, old, to, new, flags);
    pthread_mutex_unlock(&lock);
    return done;
}

int rename(const char *old, const char *new) { return renamed(AT_FDCWD, old, AT_FDCWD, new, 0); }
int renameat(int at, const char *old, int to, const char *new) { return renamed(at, old, to, new, 0); }
int renameat2(int at, const char *old, int to, const char *new, unsigned flags) {
    return renamed(at, old, to, new, flags);
}

static int unlinked(int at, const char *name, int flags) {
    char path[PATH_MAX], kept[PATH_MAX], all[3 * PATH_MAX];
    struct stat st;
    if (!folder() || (flags & AT_REMOVEDIR) || !tracked_name(at, name, path) || lstat(path, &st) != 0 ||
        !S_ISREG(st.st_mode))
        return (int)syscall(SYS_unlinkat, at, name, flags);
    pthread_mutex_lock(&lock);
    keep(path, kept);
    struct record record = {
        .kind = UNLINK, .inode = st.st_ino, .folder = inode_of_folder(path), .names = names(all, path, "", kept)};
    note(record, all, NULL);
    int done = (int)syscall(SYS_unlinkat, at, name, flags);
    pthread_mutex_unlock(&lock);
    return done;
}

int unlink(const char *name) { return unlinked(AT_FDCWD, name, 0); }
int unlinkat(int at, const char *name, int flags) { return unlinked(at, name, flags); }
int remove(const char *name) {
    int (*next)(const char *);
    struct stat st;
    if (lstat(name, &st) == 0 && S_ISREG(st.st_mode)) return unlinked(AT_FDCWD, name, 0);
    next_symbol(&next, "remove");
    return next(name);
}
