/* A host in a country where one and a half is 1,5 or 1٫5, or where I is not the capital of i; and one whose other
 * thread changes its mind about that all the time. Numbers go in and out as JSON has them, and the host's own are
 * printed as before. */
#include "host.h"

/* Real numbers in every answer of the service: its progress has them anyway. */
static void the_service_sends_real_numbers(void) {
  CHECK(tell_service("reset", "{\"runningMs\":60,\"pendingMs\":20}"));
  CHECK(tell_service("scenario", "[{\"on\":\"GET /v1/organization\",\"times\":9999,\"fault\":"
                                 "{\"do\":\"edit\",\"set\":{\"half\":0.5,\"large\":12345.75,"
                                 "\"tiny\":9.5367431640625e-07}}}]"));
}

/* A task of each provider, with real numbers in both directions. */
static int live(t2i_client sketch, t2i_client service) {
  const char *request = "{\"promptText\":\"I istanbul\",\"ratio\":\"1280:720\",\"extra\":{\"x\":1.5,\"y\":-0.25}}";
  char *json = NULL;
  size_t length;
  int good = t2i_check(sketch, request, T2I_NTS, &json, &length, &err) == T2I_OK;
  good &= has(json, "\"x\":1.5,") && has(json, "\"y\":-0.25");
  t2i_free(json);
  json = NULL;
  good &= t2i_account(service, slowly(10000), &json, &length, &err) == T2I_OK;
  good &= has(json, "\"half\":0.5") && has(json, "12345.75") && has(json, "9.5367431640625e-7");
  t2i_free(json);
  t2i_task task = submit(service, request);
  good &= ended(service, task) == T2I_OK;
  t2i_task_close(service, task);
  task = submit(sketch, FOX);
  good &= ended(sketch, task) == T2I_OK;
  t2i_task_close(sketch, task);
  return good;
}

/* What the service was sent. */
static void realNumbersLeftAsJSONHasThem(void) {
  char *ledger = ask_service("GET", "ledger", "");
  CHECK(has(ledger, "1.5") && has(ledger, "-0.25") && !has(ledger, "1,5") && !has(ledger, "1\xd9\xab" "5"));
  CHECK(!has(ledger, "-0,25"));
  free(ledger);
}

static void aLocaleIsTheHosts(const char *name, const char *half) {
  char number[32], again[32];
  if (setlocale(LC_ALL, name) == NULL) {
    printf("skipped: %s is not to be had here\n", name);
    return;
  }
  snprintf(number, sizeof number, "%.1f", 0.5);
  CHECK(strcmp(number, half) == 0);
  locale_t thread = uselocale((locale_t)0);
  the_service_sends_real_numbers();
  t2i_client sketch = open_driven(SKETCH), service = open_driven(hosted(""));
  CHECK(live(sketch, service));
  realNumbersLeftAsJSONHasThem();
  close_client(sketch), close_client(service);
  snprintf(again, sizeof again, "%.1f", 0.5);
  CHECK(strcmp(setlocale(LC_ALL, NULL), name) == 0 && uselocale((locale_t)0) == thread && strcmp(number, again) == 0);
  /* A thread that has a locale of its own keeps it. */
  locale_t own = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  uselocale(own);
  t2i_client other = open_driven(hosted(""));
  close_client(other);
  CHECK(uselocale((locale_t)0) == own);
  uselocale(LC_GLOBAL_LOCALE);
  freelocale(own);
  setlocale(LC_ALL, "C");
}

static int flipping, flips;

static void *flip(void *argument) {
  const char *const *names = (const char *const *)argument;
  for (unsigned i = 0; get(&flipping); i++) {
    if (setlocale(LC_ALL, names[i % 4]) != NULL) add(&flips);
  }
  return NULL;
}

static void anotherThreadChangesItAllTheTime(void) {
  static const char *const names[] = {"de_DE.UTF-8", "C", "ps_AF.UTF-8", "tr_TR.UTF-8"};
  t2i_client sketch = open_driven(SKETCH), service = open_driven(hosted(""));
  int lives = 0, good = 0;
  the_service_sends_real_numbers();
  set(&flipping, 1);
  pthread_t thread = start(flip, (void *)(uintptr_t)names);
  for (int64_t end = now_ms() + either(30000, 1000); now_ms() < end || lives < 4; lives++) good += live(sketch, service);
  set(&flipping, 0);
  pthread_join(thread, NULL);
  setlocale(LC_ALL, "C");
  CHECK(good == lives);
  realNumbersLeftAsJSONHasThem();
  close_client(sketch), close_client(service);
  counted("%d lives of tasks while another thread changed the locale %d times", good, flips);
}

int main(int argc, char **argv) {
  begin_host(argc, argv);
  aLocaleIsTheHosts("de_DE.UTF-8", "0,5");
  aLocaleIsTheHosts("tr_TR.UTF-8", "0,5");
  aLocaleIsTheHosts("ps_AF.UTF-8", "0\xd9\xab" "5");
  anotherThreadChangesItAllTheTime();
  CHECK(tell_service("reset", "{}"));
  return finish();
}
