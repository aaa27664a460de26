/* A host whose other thread writes to the environment all the time, which makes every getenv of anybody else a gamble.
 * The library reads it in open alone. The host defines getenv itself and notes who asks for what while tasks are at
 * work.
 *
 * cc: -rdynamic */
#include "host.h"

extern char **environ;

static int armed, asked;
static char names[16][48];

static char *look_up(const char *name) {
  size_t length = strlen(name);
  if (get(&armed)) {
    /* That is this program's own. */
    if (strcmp(name, "T2I_SLOW") == 0) return NULL;
    int number = add(&asked) - 1;
    if (number < 16) snprintf(names[number], sizeof names[0], "%s", name);
    return NULL;
  }
  for (char **variable = environ; variable && *variable; variable++)
    if (strncmp(*variable, name, length) == 0 && (*variable)[length] == '=') return *variable + length + 1;
  return NULL;
}

char *getenv(const char *name) { return look_up(name); }
char *secure_getenv(const char *name) { return look_up(name); }

static int storming, writes;

static void *storm(void *argument) {
  (void)argument;
  for (int i = 0; get(&storming); i++) {
    char name[32];
    snprintf(name, sizeof name, "STORM_%d", i % 512);
    if (i % 3 == 2) unsetenv(name);
    else setenv(name, i % 2 ? "a value that is long enough to be somewhere else" : "b", 1);
    if (i % 64 == 0) setenv("TZ", i % 128 ? "Asia/Kabul" : "America/St_Johns", 1);
    add(&writes);
  }
  return NULL;
}

int main(int argc, char **argv) {
  begin_host(argc, argv);
  int lives = 0, good = 0;
  CHECK(tell_service("reset", "{\"runningMs\":20,\"pendingMs\":5}"));
  char *plain = strdup(hosted("")), *tls = strdup(hosted_tls(",\"journal\":\"environment.sqlite\""));
  /* Once, in peace: OpenSSL, SQLite and libc read what they want to know at their first use. */
  for (int i = 0; i < 2; i++) {
    t2i_client first = open_driven(i ? tls : plain);
    t2i_task task = submit(first, HD_FOX);
    CHECK(ended(first, task) == T2I_OK);
    close_client(first);
  }
  t2i_client clients[3] = {open_driven(plain), open_driven(tls), open_driven(SKETCH)};
  set(&armed, 1);
  set(&storming, 1);
  pthread_t threads[2] = {start(storm, NULL), start(storm, NULL)};
  for (int64_t end = now_ms() + either(30000, 1000); now_ms() < end || lives < 3; lives++) {
    t2i_task tasks[3];
    int ends_well = 1;
    for (int i = 0; i < 3; i++) tasks[i] = submit(clients[i], HD_FOX);
    for (int i = 0; i < 3; i++) {
      ends_well &= ended(clients[i], tasks[i]) == T2I_OK;
      ends_well &= t2i_output_save(clients[i], tasks[i], 0, "e.png", T2I_NTS, T2I_SAVE_REPLACE, 5000, &err) == T2I_OK;
      t2i_task_close(clients[i], tasks[i]);
    }
    good += ends_well;
    if (lives % 5) continue;
    /* One that is told to leave the environment alone may even be opened now. */
    t2i_client other = open_driven(plain);
    close_client(other);
  }
  set(&storming, 0);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  set(&armed, 0);
  CHECK(good == lives);
  /* Whatever asked is named here. */
  if (!CHECK(asked == 0))
    for (int i = 0; i < asked && i < 16; i++) printf("  somebody asked for %s\n", names[i]);
  for (int i = 0; i < 3; i++) close_client(clients[i]);
  CHECK(tell_service("reset", "{}"));
  counted("%d lives of three tasks while two threads wrote %d times to the environment; it was read %d times", lives,
          writes, asked);
  free(plain), free(tls);
  return finish();
}
