#pragma once
// The system headers belong to one module, whatever else includes them.
#pragma clang module import SwiftGlibc
#include <zlib.h>
