/* The facts a bug report needs and nothing that should not be in one: no key, no home folder, no user or host name, and
 * of the variables that hold addresses or passwords only whether they are set. What is wrong comes with its fix. */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700
#include "doctor.h"

#include <errno.h>
#include <gnu/libc-version.h>
#include <jansson.h>
#include <langinfo.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "account.h"
#include "client.h"
#include "interrupt.h"
#include "models.h"
#include "say.h"
#include "screen.h"
#include "version.h"

enum { KEY_DIGITS = 128, PATH_BYTES = 4096, CLOSE_MS = 5000 };

static int problems;

/* Every way in which a path could name the person. */
static struct {
  const char *home, *known_home, *user;
} person;

/* Puts `instead` for what stands at the beginning of a component of the path. */
static char *without(char *path, const char *private_part, const char *instead) {
  size_t length = private_part ? strlen(private_part) : 0;
  while (length > 1 && private_part[length - 1] == '/') length--;
  if (length < 2) return path;
  char *found = path;
  while ((found = strstr(found, private_part))) {
    char after = found[length];
    bool whole = (found == path || found[-1] == '/' || private_part[0] == '/') && (after == 0 || after == '/');
    if (!whole) {
      found++;
      continue;
    }
    char *masked = text("%.*s%s%s", (int)(found - path), path, instead, found + length);
    free(path);
    path = masked;
    found = path;
  }
  return path;
}

static char *anonymous(const char *path) {
  char *shown = text("%s", path);
  shown = without(shown, person.home, "~");
  shown = without(shown, person.known_home, "~");
  return without(shown, person.user, "<user>");
}

static void report(const char *topic, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void report(const char *topic, const char *format, ...) {
  va_list arguments;
  char line[2 * PATH_BYTES];
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  make_printable(line);
  printf("%-14s%s\n", topic, line);
}

static void advise(const char *fix) {
  printf("%-14s-> %s\n", "", fix);
}

static void compatibility(void) {
  char *path = anonymous(library_path());
  report("library", "%s, from %s", library_version(), path);
  report("build", "%s", t2i_build_info());
  if (library_fits()) {
    report("compatible", "yes: t2i was built for libt2i %d.%d.%d", T2I_VERSION_MAJOR, T2I_VERSION_MINOR,
           T2I_VERSION_PATCH);
  } else {
    problems++;
    report("compatible", "NO: t2i was built for libt2i %d.%d.%d", T2I_VERSION_MAJOR, T2I_VERSION_MINOR,
           T2I_VERSION_PATCH);
    advise("install both from one release, and look whether LD_LIBRARY_PATH names an old folder");
  }
  report("jansson", "%s", jansson_version_str());
  free(path);
}

static bool key_has_its_form(const char *key) {
  if (strncmp(key, "key_", 4) != 0 || strlen(key) != 4 + KEY_DIGITS) return false;
  return strspn(key + 4, "0123456789abcdef") == KEY_DIGITS;
}

static void key(bool online) {
  const char *value = getenv(key_variable);
  if (!value || !value[0]) {
    report("key", "%s is %s; sketch paints without one", key_variable, value ? "empty" : "not set");
    advise("for hosted models: make a key in the developer portal, then export RUNWAYML_API_SECRET=key_...");
  } else if (key_has_its_form(value)) {
    report("key", "set, in the right form%s", online ? "" : "; whether the service accepts it was not asked");
  } else {
    problems++;
    report("key", "set, and NOT in the right form: %zu characters%s, instead of key_ and %d of 0-9 a-f", strlen(value),
           strpbrk(value, " \t\r\n\"'") ? ", with quotes or white space among them" : "", KEY_DIGITS);
    advise("copy it again from the developer portal, whole and without quotes or spaces");
  }
}

static void is_set(const char *variable) {
  const char *value = getenv(variable);
  if (value && value[0]) report("environment", "%s is set", variable);
}

static void catalogue(void) {
  json_t *menu = menu_of(0);
  report("catalogue", "built in, %zu models", json_array_size(menu));
  json_decref(menu);
}

static void folder(const char *topic, const char *path) {
  struct stat found;
  char *shown = anonymous(path);
  if (stat(path, &found) != 0) {
    bool comes = errno == ENOENT;
    report(topic, "%s: %s", shown, comes ? "not there yet, is made when it is needed" : strerror(errno));
  } else if (!S_ISDIR(found.st_mode)) {
    problems++;
    report(topic, "%s is NO folder", shown);
    advise("name another folder, or move the file away");
  } else if (access(path, W_OK | X_OK) != 0) {
    problems++;
    report(topic, "%s is NOT writable: %s", shown, strerror(errno));
    advise("choose another folder, or change its rights with chmod u+wx");
  } else {
    report(topic, "%s, writable", shown);
  }
  free(shown);
}

static void folders(const struct options *options) {
  char current[PATH_BYTES];
  if (getcwd(current, sizeof current)) folder("folder", current);
  const char *state = getenv("XDG_STATE_HOME");
  bool is_usable = state && state[0] == '/';
  char *path = is_usable ? text("%s/t2i", state) : text("%s/.local/state/t2i", person.home ? person.home : "~");
  folder("state", path);
  free(path);
  if (options->out_dir) folder("out-dir", options->out_dir);
}

static void clock_and_zone(void) {
  enum { YEAR_MIN = 2026, YEAR_MAX = 2100 };
  char shown[64];
  time_t now = time(NULL);
  struct tm utc;
  gmtime_r(&now, &utc);
  strftime(shown, sizeof shown, "%Y-%m-%dT%H:%M:%SZ", &utc);
  int year = utc.tm_year + 1900;
  if (year >= YEAR_MIN && year < YEAR_MAX) {
    report("clock", "%s", shown);
  } else {
    problems++;
    report("clock", "%s, which is NOT plausible", shown);
    advise("set the clock; with a wrong one no secure connection is made");
  }
}

static void terminal(void) {
  const char *kind = getenv("TERM");
  report("terminal", "stdin %s, stdout %s, stderr %s; TERM=%s; %d columns; progress as %s",
         isatty(STDIN_FILENO) ? "yes" : "no", isatty(STDOUT_FILENO) ? "yes" : "no",
         isatty(STDERR_FILENO) ? "yes" : "no", kind ? kind : "", screen_columns(),
         !screen_can_redraw() ? "lines" : screen_is_utf8() ? "bars" : "ASCII bars");
  const char *variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  const char *locale = NULL;
  for (int i = 0; i < 3 && !(locale && locale[0]); i++) locale = getenv(variables[i]);
  report("locale", "%s, characters are %s", locale && locale[0] ? locale : "none", nl_langinfo(CODESET));
}

static void machine(void) {
  struct utsname system;
  if (uname(&system) == 0)
    report("system", "%s %s %s, glibc %s", system.sysname, system.release, system.machine, gnu_get_libc_version());
}

/* Today's room, told by the models that have none left. */
static void limits(const json_t *organization) {
  json_t *models = json_object_get(json_object_get(organization, "tier"), "models"), *value;
  const char *model;
  size_t full = 0;
  json_object_foreach(models, model, value) {
    if (!is_used_up(organization, model)) continue;
    full++;
    report("limits", "%s has NO room left today", model);
  }
  if (!models) report("limits", "not said");
  else if (full == 0) report("limits", "every model has room left today");
  if (full == 0) return;
  problems++;
  advise("wait for tomorrow (UTC), paint with another model, or raise the account's tier");
}

static void balance(const json_t *organization) {
  const json_t *amount = json_object_get(organization, "creditBalance");
  report("balance", "%s", credit_words(amount));
  if (!json_is_number(amount) || json_number_value(amount) > 0) return;
  problems++;
  advise("buy credits in the developer portal");
}

/* Not the library's whole sentence: it may name a proxy or an address of the house. */
static void no_account(const t2i_error *error) {
  problems++;
  if (error->status == T2I_E_AUTH && error->http_status == 0) {
    report("service", "was NOT asked, because the key cannot be one");
    advise("copy it again from the developer portal, whole and without quotes or spaces");
  } else if (error->status == T2I_E_AUTH) {
    report("service", "does NOT accept the key%s", error->http_status == 403 ? " for this (403)" : "");
    advise("make another key in the developer portal, then export RUNWAYML_API_SECRET=key_...");
  } else if (error->status == T2I_E_CANCELLED) {
    report("service", "did NOT answer before the interruption");
  } else {
    report("service", "gives NO account: %s%s%s", t2i_status_name(error->status), error->where[0] ? " at " : "",
           error->where);
    advise("look at the network and the variables above; t2i account tells all that is known");
  }
}

/* Ours when it was asked and when all had been told; the service's lies between, unless a clock is wrong. */
static void compare_clocks(const json_t *service, time_t asked, time_t told) {
  enum { APART_MAX_S = 60 };
  if (!json_is_integer(service)) return;
  json_int_t theirs = json_integer_value(service) / 1000;
  json_int_t ahead = asked > theirs ? asked - theirs : 0, behind = theirs > told ? theirs - told : 0;
  if (ahead <= APART_MAX_S && behind <= APART_MAX_S) return;
  problems++;
  report("time", "this clock is NOT the service's: %lld s %s", (long long)(ahead ? ahead : behind),
         ahead ? "ahead" : "behind");
  advise("set the clock; it decides which certificates are valid, and dates what was charged");
}

/* Asks the service. The code to end with when it gave no account. */
static int online(void) {
  const char *value = getenv(key_variable);
  t2i_error error = T2I_ERROR_INIT;
  if (!value || !value[0]) {
    problems++;
    report("service", "was NOT asked, because there is no key");
    advise("make a key in the developer portal, then export RUNWAYML_API_SECRET=key_...");
    return CODE_KEY;
  }
  json_t *document = NULL;
  time_t asked = time(NULL);
  t2i_client client = client_try_hosted(&error);
  if (client) {
    interrupt_watch(client);
    /* A person may wait a minute for the rest. */
    if (isatty(STDOUT_FILENO)) fflush(stdout);
    document = account_of(client, &error);
    t2i_client_close(client, CLOSE_MS, NULL);
  }
  if (!document) {
    no_account(&error);
    int code = code_of(error.status);
    return interrupt_code() ? interrupt_code() : code == CODE_REFUSED ? CODE_USAGE : code;
  }
  report("service", "accepts the key");
  compare_clocks(json_object_get(document, "serverTime"), asked, time(NULL));
  balance(json_object_get(document, "organization"));
  limits(json_object_get(document, "organization"));
  json_decref(document);
  return CODE_DONE;
}

int doctor(const struct options *options) {
  const struct passwd *entry = getpwuid(getuid());
  person.home = getenv("HOME");
  if (entry) person.known_home = entry->pw_dir, person.user = entry->pw_name;

  report("t2i", "%d.%d.%d", T2I_VERSION_MAJOR, T2I_VERSION_MINOR, T2I_VERSION_PATCH);
  compatibility();
  key(options->online);
  if (library_fits()) catalogue();
  folders(options);
  clock_and_zone();
  terminal();
  machine();
  const char *told[] = {
    "RUNWAYML_BASE_URL", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "LD_LIBRARY_PATH", "LD_PRELOAD"};
  for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) is_set(told[i]);
  int code = options->online && library_fits() ? online() : CODE_DONE;
  if (problems == 0) puts("Nothing is wrong.");
  else printf("%d thing%s to put right, marked ->\n", problems, problems > 1 ? "s" : "");
  return code ? code : problems > 0 ? CODE_TASK : CODE_DONE;
}
