/* Every function of t2i.h as a row of a table, which the runner writes from the header itself, and arguments with which
 * each makes sense. So a function that is new in the header is tried by all these hosts at once. */
#ifndef EVERY_H
#define EVERY_H
#include "host.h"

enum kind { CLIENT, TASK, JOB, NUMBER, LENGTH, TEXT, BYTES, OWNED, OUT, HANDLES, RECORD, OPTIONS };

struct parameter {
  const char *name;
  enum kind kind;
  size_t size; /* of what a pointer points to */
};

struct function {
  const char *name;
  int64_t (*call)(const uint64_t *arguments);
  int is_status, count;
  struct parameter parameters[10];
};

/* Written by calls.py. */
#include "calls.h"

enum { FUNCTIONS = sizeof functions / sizeof *functions, PARAMETERS = 10, ROOM = 1024 };

/* What the arguments of one call point to: a room for each parameter. */
struct arguments {
  t2i_client client;
  t2i_task task;
  _Alignas(64) unsigned char rooms[PARAMETERS][ROOM];
  uint64_t words[PARAMETERS];
};

static inline int is(const char *left, const char *right) { return strcmp(left, right) == 0; }

/* A text that this parameter understands. */
static inline const char *good_text(const struct parameter *parameter) {
  if (is(parameter->name, "config")) return SKETCH;
  if (is(parameter->name, "req")) return "{\"promptText\":\"a fox\",\"ratio\":\"16:16\"}";
  if (is(parameter->name, "path")) return "picture.png";
  if (is(parameter->name, "token")) return "runway:17d0e5a8-0b1c-4c2a-9f4e-0123456789ab";
  if (is(parameter->name, "feature")) return "sketch";
  if (is(parameter->name, "mime")) return "image/png";
  if (is(parameter->name, "name")) return "picture.png";
  return "{}";
}

static inline uint64_t word_of(const void *pointer) { return (uint64_t)(uintptr_t)pointer; }

static inline void good_argument(struct arguments *arguments, const struct function *function, int index) {
  const struct parameter *parameter = &function->parameters[index];
  unsigned char *room = arguments->rooms[index];
  uint32_t size = (uint32_t)parameter->size;
  memset(room, 0, ROOM);
  arguments->words[index] = word_of(room);
  switch (parameter->kind) {
  case CLIENT: arguments->words[index] = arguments->client; break;
  case TASK: arguments->words[index] = arguments->task; break;
  case JOB: arguments->words[index] = 0; break;
  /* No timeout: what would wait returns at once. */
  case NUMBER:
    arguments->words[index] = is(parameter->name, "how") || is(parameter->name, "mode");
    if (is(function->name, "t2i_output_save") && is(parameter->name, "flags"))
      arguments->words[index] = T2I_SAVE_REPLACE | T2I_SAVE_NOSYNC;
    break;
  /* Of a text it is found by its NUL; of anything else there is one. */
  case LENGTH: {
    enum kind before = function->parameters[index - 1].kind;
    arguments->words[index] = before == TEXT ? T2I_NTS : before == BYTES ? 600 : 1;
    break;
  }
  case TEXT: strcpy((char *)room, good_text(parameter)); break;
  case BYTES: make_picture(room, 600, 7); break;
  case HANDLES: memcpy(room, &arguments->task, sizeof arguments->task); break;
  case RECORD:
  case OPTIONS: memcpy(room, &size, sizeof size); break;
  case OWNED:
  case OUT: break;
  }
}

static inline void good_arguments(struct arguments *arguments, const struct function *function) {
  for (int i = 0; i < function->count; i++) good_argument(arguments, function, i);
  /* Nothing that came from the library is here to be released. */
  if (is(function->name, "t2i_free")) arguments->words[0] = 0;
}

/* Releases what a call gave, and says whether it closed the client, or the task, or opened another. */
static inline void put_back(struct arguments *arguments, const struct function *function, int64_t result) {
  for (int i = 0; i < function->count; i++) {
    const struct parameter *parameter = &function->parameters[i];
    void *pointer;
    uint64_t handle;
    if (result < 0 || arguments->words[i] == 0) continue;
    memcpy(&pointer, (void *)(uintptr_t)(parameter->kind >= TEXT ? arguments->words[i] : word_of(&pointer)), 8);
    memcpy(&handle, &pointer, sizeof handle);
    if (parameter->kind == OWNED) t2i_free(pointer);
    if (parameter->kind != OUT || handle == 0) continue;
    if (is(function->name, "t2i_client_open")) t2i_client_close(handle, T2I_FOREVER, NULL);
    if (is(function->name, "t2i_submit") || is(function->name, "t2i_resume")) t2i_task_close(arguments->client, handle);
  }
}
#endif
