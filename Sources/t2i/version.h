/* Whether the loaded library is one this program was built for. */
#ifndef VERSION_H
#define VERSION_H

#include <stdbool.h>

/* "1.0.0". */
const char *library_version(void);

/* The same major version, and no older than the header: then every function it calls is there. */
bool library_fits(void);

/* A sentence that says what does not fit and what to do. */
const char *library_misfit(void);

/* Where the library was loaded from. */
const char *library_path(void);

#endif
