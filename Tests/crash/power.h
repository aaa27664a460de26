/* What a disk still has after the current failed: only what was synced, unless by luck. See power.c. */
#ifndef POWER_H
#define POWER_H

#include <sys/types.h>

/* "all": whatever was not synced is gone. "contents": names stay, what the files held is gone. A number: chance
 * decides, from this seed. NULL: the current stays, and nothing here does anything. */
void power_begin(const char *order);

/* Everything below is called with the disk held still; the same thread may hold it twice. */
void power_hold(void);
void power_release(void);

void power_opened(int fd);
void power_wrote(int fd, const void *data, ssize_t size, off_t at);
void power_resized(int fd, off_t size);
void power_synced(int fd);

/* A name that came. */
void power_named(int folder, const char *path);
/* A file whose name is about to go, -1 if there is none; and the name that then went, or became another. */
int power_victim(int folder, const char *path);
void power_unnamed(int folder, const char *path, int victim);
void power_renamed(int folder, const char *from, int other, const char *to, int victim);

/* The current fails. The disk stays held. */
void power_fail(void);

#endif
