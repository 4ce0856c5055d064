// The web console's files, as bytes in the program.
#ifndef TAILSPAN_CONSOLE_FILES_H
#define TAILSPAN_CONSOLE_FILES_H

#include <stddef.h>

struct console_file {
    // Its path below this folder, such as `logs/logs.js`.
    const char *path;
    const unsigned char *bytes;
    size_t size;
};

// How many files there are.
size_t console_file_count(void);

// One of them, by its place in the order of paths.
struct console_file console_file_at(size_t index);

#endif
