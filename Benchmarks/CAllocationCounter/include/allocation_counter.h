#ifndef TAILSPAN_ALLOCATION_COUNTER_H
#define TAILSPAN_ALLOCATION_COUNTER_H

/// How often the calling thread has asked for heap memory: `malloc` and its kin, a growing `realloc` included.
unsigned long tailspan_allocation_count(void);

#endif
