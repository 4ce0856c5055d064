// Where the system keeps the header of llhttp: libllhttp-dev puts it on the usual path (Debian 13, Ubuntu 24.04 and
// later); Debian 12 has it in the package node-llhttp.
#pragma once
#if __has_include_next(<llhttp.h>)
#include_next <llhttp.h>
#elif __has_include("/usr/share/include/llhttp/llhttp.h")
#include "/usr/share/include/llhttp/llhttp.h"
#else
#error "llhttp is missing: run 'make setup' (Debian 12: node-llhttp; Debian 13 and Ubuntu 24.04: libllhttp-dev)"
#endif
