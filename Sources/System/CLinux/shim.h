// What Linux offers and Swift's Glibc module leaves out.
#pragma once
// The system headers belong to one module, whatever else includes them.
#pragma clang module import SwiftGlibc
#include <execinfo.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

// `struct epoll_event` is packed and holds a union: two plain numbers are easier to use from Swift.
static inline int tailspan_epoll_ctl(int epoll, int operation, int descriptor, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data = {.u64 = data}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

// The flag bits as plain integers: Swift sees the enumerators as distinct types.
static const uint32_t TAILSPAN_EPOLLIN = EPOLLIN, TAILSPAN_EPOLLOUT = EPOLLOUT, TAILSPAN_EPOLLERR = EPOLLERR,
                      TAILSPAN_EPOLLHUP = EPOLLHUP, TAILSPAN_EPOLLRDHUP = EPOLLRDHUP, TAILSPAN_EPOLLET = EPOLLET;
static const int TAILSPAN_EPOLL_CLOEXEC = EPOLL_CLOEXEC, TAILSPAN_EFD_FLAGS = EFD_CLOEXEC | EFD_NONBLOCK;

// Declared only under _GNU_SOURCE.
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *size, int flags);
static inline int tailspan_accept4(int descriptor, struct sockaddr *address, socklen_t *size, int flags) {
    return accept4(descriptor, address, size, flags);
}

// Names the calling thread; the kernel keeps the first 15 bytes. (`prctl` is variadic.)
static inline void tailspan_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

// Has the kernel send `signal` to this process when the thread that started it ends.
static inline int tailspan_signal_on_parent_death(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }

// Declared only under _GNU_SOURCE (glibc 2.34): has a started program begin without the descriptors from `first` on.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);
static inline int tailspan_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

// Keeps `trim` bytes of free heap before any is given back, and asks for `pad` more than needed when it grows.
static inline void tailspan_keep_heap(int trim, int pad) {
    mallopt(M_TRIM_THRESHOLD, trim);
    mallopt(M_TOP_PAD, pad);
}

// Gives free heap back to the kernel, wherever in the heap it lies. Takes some milliseconds.
static inline void tailspan_give_back_heap(void) { malloc_trim(0); }

// Has a TCP connection end when the peer's machine says nothing any more: what was sent and not acknowledged for 5 s,
// or two questions whether it is still there, the first after 5 s without a word. A peer that only takes its time with
// the answer acknowledges at once. A socket that is none of TCP's refuses, which is as good.
static inline void tailspan_notice_silence(int descriptor) {
    int on = 1, idle = 5, interval = 2, count = 2, unacknowledged_ms = 5000;
    setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
    setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
}

// Of the linker: where the program itself begins in memory, and where its code ends.
extern const char __executable_start, etext;

// How far into the program that is running `address` lies; 0 if it lies in a library.
static inline uintptr_t tailspan_program_offset(uintptr_t address) {
    uintptr_t start = (uintptr_t)&__executable_start, end = (uintptr_t)&etext;
    return start <= address && address < end ? address - start : 0;
}

// Of the Swift runtime: a symbol as it stands in source, to be freed; NULL if it is none of Swift.
extern char *swift_demangle(const char *symbol, size_t length, char *buffer, size_t *size, uint32_t flags);
