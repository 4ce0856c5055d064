// What Linux offers and Swift's Glibc module leaves out.
#pragma once
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
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

// Names the calling thread; the kernel keeps the first 15 bytes. (`prctl` is variadic.)
static inline void tailspan_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
