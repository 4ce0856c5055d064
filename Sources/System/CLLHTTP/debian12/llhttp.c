// Debian 12 has llhttp as C sources only, so they are compiled here. Where libllhttp-dev is, Package.swift links it.
#if !__has_include("/usr/include/llhttp.h") && __has_include("/usr/share/llhttp/llhttp.c")
// Otherwise version 8 is lenient: two bytes of anything end a chunk, and names may have spaces. Version 9 is always strict.
#define LLHTTP_STRICT_MODE 1
#include "/usr/share/llhttp/llhttp.c"
#endif
