#ifndef TAILSPAN_ALLOCATION_COUNTER_H
#define TAILSPAN_ALLOCATION_COUNTER_H

/// How often the calling thread has requested heap memory: `malloc` and similar calls, including a growing `realloc`.
unsigned long tailspan_allocation_count(void);

#endif
