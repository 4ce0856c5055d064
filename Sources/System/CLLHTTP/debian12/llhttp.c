// Debian 12 has llhttp as C sources only, so they are compiled here. Where libllhttp-dev is, Package.swift links it.
#if !__has_include("/usr/include/llhttp.h") && __has_include("/usr/share/llhttp/llhttp.c")
#include "/usr/share/llhttp/llhttp.c"
#endif
