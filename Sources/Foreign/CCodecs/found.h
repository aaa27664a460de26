/* How the files of this folder find a library of the system's: by its soname, when it is first wanted. */
#pragma once
#include <stddef.h>

struct wanted { void *place; const char *name; };

/* Fills every place, or answers 0. What is opened stays: a codec may have threads and tables of its own. */
int found(const char *library, const struct wanted *wanted, size_t count);
