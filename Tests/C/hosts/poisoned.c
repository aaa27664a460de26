/* A host that exports functions named as those of libcurl and jansson, as one does that carries older copies of its
 * own. The loader then gives the library the host's. This program shows what becomes of it, function by function, and
 * holds the README to its word: nothing is kept from the host, and the library fails in the open, with a status.
 *
 * cc: -rdynamic */
#include "host.h"

/* Which of them the library called. */
static int called[4];

/* What jansson and libcurl declare, in so far as it matters to a caller: each returns NULL or an error. */
void *json_loadb(const char *buffer, size_t length, size_t flags, void *error);
void *json_loadb(const char *buffer, size_t length, size_t flags, void *error) {
  (void)buffer, (void)length, (void)flags, (void)error;
  add(&called[0]);
  return NULL;
}

void *json_object_iter_next(void *object, void *iterator);
void *json_object_iter_next(void *object, void *iterator) {
  (void)object, (void)iterator;
  add(&called[1]);
  return NULL;
}

void *curl_multi_init(void);
void *curl_multi_init(void) {
  add(&called[2]);
  return NULL;
}

void *curl_easy_init(void);
void *curl_easy_init(void) {
  add(&called[3]);
  return NULL;
}

int main(int argc, char **argv) {
  begin_host(argc, argv);
  t2i_client client = 0;
  /* The host's jansson reads nothing, so no config is JSON. */
  CHECK_REFUSED(T2I_E_JSON, "config", t2i_client_open(SKETCH, T2I_NTS, NULL, &client, E));
  CHECK_STATUS(T2I_E_JSON, try_open(hosted(""), &client));
  CHECK(client == 0 && called[0] == 3);
  /* What is asked without a client answers as ever. */
  CHECK(t2i_version() == T2I_VERSION && t2i_has("sketch") == T2I_OK);
  CHECK(t2i_shutdown(slowly(5000), NULL, NULL) == T2I_OK && has_threads(1));
  counted("the host's json_loadb was called %d times, json_object_iter_next %d, curl_multi_init %d, curl_easy_init %d",
          called[0], called[1], called[2], called[3]);
  return finish();
}
