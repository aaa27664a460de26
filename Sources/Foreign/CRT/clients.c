#define _GNU_SOURCE
#include "crt.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

/* A wake may come from a signal handler, at any instant of the life of a client. So it takes no lock: it counts itself
 * in `users`, proves that the handle is still the slot's, and counts itself out. Whoever frees the slot first takes
 * the handle away and then waits for the users to be gone; only after that may the descriptor be closed. */
struct client_slot {
  uint64_t handle;
  void *object;
  struct crt_bell bell;
  uint32_t woken;
  uint32_t users;
  int32_t descriptor;
  int32_t ear;
};

static struct client_slot slots[CRT_CLIENTS_MAX];
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;
static uint64_t serials;
static unsigned slot_mask = (1u << 20) - 1;

static struct client_slot *slot_of(uint64_t handle) {
  uint64_t index = handle & __atomic_load_n(&slot_mask, __ATOMIC_RELAXED);
  return handle != 0 && index < CRT_CLIENTS_MAX ? &slots[index] : NULL;
}

uint64_t crt_serial(void) { return __atomic_add_fetch(&serials, 1, __ATOMIC_RELAXED); }

uint64_t crt_client_reserve(uint64_t upper, unsigned slot_bits) {
  uint64_t handle = 0;
  pthread_mutex_lock(&table);
  __atomic_store_n(&slot_mask, (1u << slot_bits) - 1, __ATOMIC_RELAXED);
  for (unsigned index = 0; index < CRT_CLIENTS_MAX && handle == 0; index++) {
    struct client_slot *slot = &slots[index];
    if (slot->handle != 0) continue;
    slot->object = NULL;
    slot->descriptor = slot->ear = -1;
    __atomic_store_n(&slot->woken, 0, __ATOMIC_SEQ_CST);
    handle = upper << slot_bits | index;
    __atomic_store_n(&slot->handle, handle, __ATOMIC_SEQ_CST);
  }
  pthread_mutex_unlock(&table);
  return handle;
}

void crt_client_publish(uint64_t handle, void *object) {
  struct client_slot *slot = slot_of(handle);
  pthread_mutex_lock(&table);
  if (slot != NULL && slot->handle == handle) slot->object = object;
  pthread_mutex_unlock(&table);
}

void *crt_client_find(uint64_t handle, void (*retain)(void *object)) {
  struct client_slot *slot = slot_of(handle);
  if (slot == NULL) return NULL;
  pthread_mutex_lock(&table);
  void *object = slot->handle == handle ? slot->object : NULL;
  if (object != NULL) retain(object);
  pthread_mutex_unlock(&table);
  return object;
}

uint64_t crt_client_at(unsigned slot) {
  return slot < CRT_CLIENTS_MAX ? __atomic_load_n(&slots[slot].handle, __ATOMIC_SEQ_CST) : 0;
}

void *crt_client_remove(uint64_t handle) {
  struct client_slot *slot = slot_of(handle);
  if (slot == NULL) return NULL;
  pthread_mutex_lock(&table);
  void *object = NULL;
  if (slot->handle == handle) {
    object = slot->object;
    __atomic_store_n(&slot->handle, 0, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&slot->users, __ATOMIC_SEQ_CST) != 0) sched_yield();
    slot->object = NULL;
    slot->descriptor = slot->ear = -1;
  }
  pthread_mutex_unlock(&table);
  return object;
}

struct crt_bell *crt_client_bell(uint64_t handle) {
  struct client_slot *slot = slot_of(handle);
  return slot == NULL ? NULL : &slot->bell;
}

void crt_client_set_descriptor(uint64_t handle, int descriptor) {
  struct client_slot *slot = slot_of(handle);
  if (slot == NULL) return;
  /* The slot may be another client's by now; its wakes must not write to a descriptor of ours. */
  pthread_mutex_lock(&table);
  if (slot->handle == handle) __atomic_store_n(&slot->descriptor, descriptor, __ATOMIC_SEQ_CST);
  pthread_mutex_unlock(&table);
}

void crt_client_set_ear(uint64_t handle, int ear) {
  struct client_slot *slot = slot_of(handle);
  if (slot == NULL) return;
  pthread_mutex_lock(&table);
  if (slot->handle == handle) __atomic_store_n(&slot->ear, ear, __ATOMIC_SEQ_CST);
  pthread_mutex_unlock(&table);
}

/* Counted in, and the handle proven: until `leave` the slot's descriptor stays open. NULL for a stale handle. */
static struct client_slot *enter(uint64_t handle) {
  struct client_slot *slot = slot_of(handle);
  if (slot == NULL) return NULL;
  __atomic_add_fetch(&slot->users, 1, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&slot->handle, __ATOMIC_SEQ_CST) == handle) return slot;
  __atomic_sub_fetch(&slot->users, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

static void leave(struct client_slot *slot) { __atomic_sub_fetch(&slot->users, 1, __ATOMIC_SEQ_CST); }

static void raise_flag(struct client_slot *slot) {
  int saved = errno;
  int descriptor = __atomic_load_n(&slot->descriptor, __ATOMIC_SEQ_CST);
  uint64_t one = 1;
  if (descriptor >= 0 && write(descriptor, &one, sizeof one) < 0) { /* It is full, and so readable already. */ }
  errno = saved;
}

void crt_client_attend(uint64_t handle) {
  struct client_slot *slot = enter(handle);
  if (slot == NULL) return;
  raise_flag(slot);
  leave(slot);
}

int crt_client_wake(uint64_t handle) {
  struct client_slot *slot = enter(handle);
  if (slot == NULL) return -1;
  __atomic_store_n(&slot->woken, 1, __ATOMIC_SEQ_CST);
  crt_bell_ring(&slot->bell, __atomic_load_n(&slot->ear, __ATOMIC_SEQ_CST));
  raise_flag(slot);
  leave(slot);
  return 0;
}

int crt_client_take_wake(uint64_t handle) {
  struct client_slot *slot = enter(handle);
  if (slot == NULL) return 0;
  int woken = __atomic_exchange_n(&slot->woken, 0, __ATOMIC_SEQ_CST) != 0;
  leave(slot);
  return woken;
}

int crt_client_has_wake(uint64_t handle) {
  struct client_slot *slot = enter(handle);
  if (slot == NULL) return 0;
  int woken = __atomic_load_n(&slot->woken, __ATOMIC_SEQ_CST) != 0;
  leave(slot);
  return woken;
}
