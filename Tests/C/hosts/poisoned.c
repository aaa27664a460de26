/* A host that exports functions named as those of libcurl and jansson, as one does that carries copies of its own. The
 * loader then gives the library the host's. This program spoils them one after the other, the rest going on to the real
 * ones, and shows what becomes of us: a call fails with a status or a task does; nothing hangs, crashes or is charged.
 *
 * cc: -rdynamic */
#include "loaded.h"

enum poison { PARSE, ITERATE, DUMP, MULTI, EASY, VERSION, POISONS };

static const char *const names[POISONS] = {"json_loadb",      "json_object_iter_next", "json_dumpb",
                                           "curl_multi_init", "curl_easy_init",        "curl_version"};
static int spoiled = -1;
static int called[POISONS];

/* The real function, or NULL where the host's is to be used. */
static void *real(enum poison poison) {
  add(&called[poison]);
  return spoiled == (int)poison ? NULL : dlsym(RTLD_NEXT, names[poison]);
}

/* ISO C knows no way from void * to a function; memory does. */
#define FORWARD(poison, own, ...)                                                                                      \
  __typeof__(&own) forward = NULL;                                                                                    \
  void *address = real(poison);                                                                                        \
  memcpy(&forward, &address, sizeof address);                                                                          \
  if (forward == NULL) return 0;                                                                                       \
  return forward(__VA_ARGS__)

void *json_loadb(const char *buffer, size_t length, size_t flags, void *error);
void *json_loadb(const char *buffer, size_t length, size_t flags, void *error) {
  FORWARD(PARSE, json_loadb, buffer, length, flags, error);
}

void *json_object_iter_next(void *object, void *iterator);
void *json_object_iter_next(void *object, void *iterator) {
  FORWARD(ITERATE, json_object_iter_next, object, iterator);
}

size_t json_dumpb(const void *json, char *buffer, size_t size, size_t flags);
size_t json_dumpb(const void *json, char *buffer, size_t size, size_t flags) {
  FORWARD(DUMP, json_dumpb, json, buffer, size, flags);
}

void *curl_multi_init(void);
void *curl_multi_init(void) { FORWARD(MULTI, curl_multi_init, ); }

void *curl_easy_init(void);
void *curl_easy_init(void) { FORWARD(EASY, curl_easy_init, ); }

const char *curl_version(void);
const char *curl_version(void) { FORWARD(VERSION, curl_version, ); }

/* How far a task of this config comes. */
static t2i_status live(const char *config) {
  t2i_client client = 0;
  t2i_task task = 0;
  t2i_status status = try_open(config, &client);
  if (status == T2I_OK) status = t2i_submit(client, HD_FOX, T2I_NTS, NULL, &task, &err);
  if (status == T2I_OK) status = t2i_wait(client, &task, 1, T2I_WAIT_ALL, slowly(3000), NULL, &err);
  if (status == T2I_OK) status = t2i_task_error(client, task, &err);
  CHECK(t2i_shutdown(slowly(5000), NULL, NULL) == T2I_OK);
  return status;
}

/* Whoever loads the library with its own names first keeps the host's from it. */
static void deepBindingKeepsThemOut(void) {
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  t2i_client client = 0;
  t2i_task task = 0;
  int before = get(&called[PARSE]);
  copy_library("./deep.so");
  struct loaded lib = load("./deep.so", RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
  spoiled = PARSE, options.flags = drive;
  CHECK_OK(lib.open(SKETCH, T2I_NTS, &options, &client, &err));
  CHECK_OK(lib.submit(client, FOX, T2I_NTS, NULL, &task, &err));
  CHECK_OK(lib.wait(client, &task, 1, T2I_WAIT_ALL, slowly(10000), NULL, &err));
  CHECK(lib.shutdown(slowly(5000), NULL, NULL) == T2I_OK && get(&called[PARSE]) == before);
  spoiled = -1;
}

int main(int argc, char **argv) {
  begin_host(argc, argv);
  char *service = strdup(hosted(""));
  CHECK(live(SKETCH) == T2I_OK && live(service) == T2I_OK);
  int hijacked = called[PARSE] > 0;
  CHECK(hijacked);
  for (spoiled = 0; spoiled < POISONS; spoiled++) {
    t2i_status offline = live(SKETCH), online = live(service);
    printf("counted: the host's %s: sketch %s, hosted %s%s%s\n", names[spoiled], t2i_status_name(offline),
           t2i_status_name(online), online < 0 ? ": " : "", online < 0 ? err.message : "");
    CHECK(!has(t2i_status_name(offline), "UNKNOWN") && !has(t2i_status_name(online), "UNKNOWN"));
    /* What only libcurl does is nothing to a painter inside the library. */
    if (spoiled >= MULTI) CHECK(offline == T2I_OK);
    if (spoiled == PARSE) CHECK(offline == T2I_E_JSON && online == T2I_E_JSON);
    if (spoiled == MULTI || spoiled == EASY) CHECK(online != T2I_OK);
  }
  spoiled = -1;
  CHECK(live(SKETCH) == T2I_OK && live(service) == T2I_OK && has_threads(1));
  deepBindingKeepsThemOut();
  free(service);
  return finish();
}
