/* Ctrl-C, and the other polite requests to stop. */
#ifndef INTERRUPT_H
#define INTERRUPT_H

#include "t2i.h"

/* The first signal wakes the client; the second ends the process at once. */
void interrupt_watch(t2i_client client);

/* The code to end with (128 and the signal's number) once somebody asked, 0 before. */
int interrupt_code(void);

#endif
