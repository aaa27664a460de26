/* The provider is never switched silently: with a key it is runway, without one a person at a terminal gets a draft by
 * sketch and is told so, and a script gets an error. The key itself goes from the environment to the library; it is
 * never on a command line, where every user of the machine could read it. */
#define _POSIX_C_SOURCE 200809L
#include "client.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "request.h"
#include "say.h"

const char key_variable[] = "RUNWAYML_API_SECRET";

/* Whoever opens a client to look after them needs not be told of them. */
static bool tells_unfinished;

static void T2I_CALL tell_warning(void *user, int32_t level, const char *record, size_t length) {
  (void)user, (void)level;
  json_t *warning = json_loadb(record, length, 0, NULL);
  const char *message = json_string_value(json_object_get(warning, "message"));
  json_int_t unfinished = json_integer_value(json_object_get(warning, "recoverable"));
  if (unfinished > 0) {
    if (tells_unfinished) say_unfinished((size_t)unfinished);
  } else if (message) {
    say("note: %s", message);
  }
  json_decref(warning);
}

void say_unfinished(size_t count) {
  say("%zu paid task%s unfinished: t2i recover", count, count == 1 ? " is" : "s are");
}

/* 0 when it cannot be opened. */
static t2i_client try_open(const json_t *config, uint32_t flags, t2i_log_fn on_log, t2i_error *error) {
  t2i_client_opts opts = T2I_CLIENT_OPTS_INIT;
  t2i_client client = 0;
  opts.flags = flags;
  opts.on_log = on_log;
  opts.log_level = T2I_LOG_WARN;
  char *text = held(json_dumps(config, JSON_COMPACT));
  t2i_status status = t2i_client_open(text, T2I_NTS, &opts, &client, error);
  free(text);
  return status < 0 ? 0 : client;
}

static t2i_client opened(json_t *config, uint32_t flags, t2i_log_fn on_log) {
  t2i_error error = T2I_ERROR_INIT;
  t2i_client client = try_open(config, flags, on_log, &error);
  if (!client) {
    int code = code_of(error.status);
    quit(code == CODE_REFUSED ? CODE_USAGE : code, "%s", sentence(&error));
  }
  json_decref(config);
  return client;
}

/* "12.5" are 12500 millicredits. */
static json_int_t millicredits_of(const char *said) {
  long long whole = 0, scale = 1000, digits = 0;
  bool after_point = false;
  for (const char *at = said; *at; at++) {
    if (*at == '.' && !after_point && digits > 0) {
      after_point = true;
      continue;
    }
    if (*at < '0' || *at > '9' || scale == (after_point ? 1 : 0) || ++digits > 15)
      quit(CODE_USAGE, "--budget %s is no number of credits with at most 3 decimals; for example: --budget 12.5", said);
    whole = whole * 10 + (*at - '0');
    if (after_point) scale /= 10;
  }
  return whole * scale;
}

static void add_budget(json_t *config, const struct options *options) {
  if (json_object_get(config, "budget"))
    quit(CODE_USAGE, "--budget and the budget of --config exclude each other; give one");
  json_t *budget = held(json_object());
  json_object_set_new(budget, "maxMillicredits", json_integer(millicredits_of(options->budget)));
  if (options->budget_scope && json_object_set_new(budget, "scope", json_string(options->budget_scope)) != 0)
    quit(CODE_USAGE, "--budget-scope: the word is not UTF-8");
  json_object_set_new(config, "budget", budget);
}

static void add_journal(json_t *config, const struct options *options) {
  if (json_object_get(config, "journal"))
    quit(CODE_USAGE, "--journal and the journal of --config exclude each other; give one");
  bool none = strcmp(options->journal, "none") == 0;
  if (json_object_set_new(config, "journal", none ? json_null() : json_string(options->journal)) != 0)
    quit(CODE_USAGE, "--journal: the path is not UTF-8");
}

/* What --config brought, less what must not stand there. */
static json_t *config_of(const struct options *options) {
  static const char example[] = "--config '{\"maxPixels\":1048576}'";
  json_t *config = options->config ? json_of_flag("--config", options->config, example) : held(json_object());
  if (!json_is_object(config)) quit(CODE_USAGE, "--config must be a JSON object; for example: %s", example);
  if (json_object_get(config, "apiKey"))
    quit(CODE_USAGE, "--config takes no apiKey, because others can read a command line; set %s instead", key_variable);
  if (options->provider && json_object_get(config, "provider"))
    quit(CODE_USAGE, "--provider and the provider of --config exclude each other; give one");
  if (options->journal) add_journal(config, options);
  if (options->budget) add_budget(config, options);
  return config;
}

static bool has_key(const json_t *config) {
  const char *key = getenv(key_variable);
  return !json_is_false(json_object_get(config, "environment")) && key && key[0];
}

static const char *usual_provider(const json_t *config) {
  if (has_key(config)) return "runway";
  if (!isatty(STDERR_FILENO))
    quit(CODE_KEY, "there is no key: set %s, or paint a draft offline and free of charge with --provider sketch",
         key_variable);
  say("no key in %s: sketch paints a draft, offline and free", key_variable);
  return "sketch";
}

t2i_client client_open(const struct options *options) {
  json_t *config = config_of(options);
  if (!json_object_get(config, "provider")) {
    const char *provider = options->provider ? options->provider : usual_provider(config);
    if (json_object_set_new(config, "provider", json_string(provider)) != 0)
      quit(CODE_USAGE, "--provider: the name is not UTF-8");
  }
  tells_unfinished = true;
  return opened(config, 0, tell_warning);
}

static json_t *hosted_config(const struct options *options, const char *lacks) {
  json_t *config = config_of(options);
  const char *provider = json_string_value(json_object_get(config, "provider"));
  if (provider && strcmp(provider, "runway") != 0)
    quit(CODE_USAGE, "--config names the provider %s, which has no %s; runway has one", provider, lacks);
  if (!has_key(config)) quit(CODE_KEY, "there is no key: set %s to a key of the account", key_variable);
  json_object_set_new(config, "provider", json_string("runway"));
  return config;
}

t2i_client client_open_hosted(const struct options *options) {
  json_t *config = hosted_config(options, "account");
  json_object_set_new(config, "journal", json_null());
  /* Without a warning of that: nothing is paid for here. */
  return opened(config, 0, NULL);
}

t2i_client client_open_journal(const struct options *options, uint32_t flags) {
  return opened(hosted_config(options, "journal"), flags, tell_warning);
}

char *journal_path(const struct options *options, bool *asked) {
  json_t *config = config_of(options), *journal = json_object_get(config, "journal");
  const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
  char *path = NULL;
  *asked = journal != NULL;
  if (journal) {
    if (json_is_string(journal)) path = text("%s", json_string_value(journal));
  } else if (state && state[0] == '/') {
    path = text("%s/t2i/journal.sqlite", state);
  } else if (home && home[0] == '/') {
    path = text("%s/.local/state/t2i/journal.sqlite", home);
  }
  json_decref(config);
  return path;
}

t2i_client client_try_hosted(t2i_error *error) {
  json_t *config = json_pack("{s:s, s:n}", "provider", "runway", "journal");
  t2i_client client = try_open(config, 0, NULL, error);
  json_decref(config);
  return client;
}

t2i_client client_open_catalogue(const char *path) {
  json_t *config = json_pack("{s:s}", "provider", "sketch");
  if (path && json_object_set_new(config, "catalogue", json_string(path)) != 0)
    quit(CODE_USAGE, "--catalogue: the path is not UTF-8");
  return opened(config, 0, tell_warning);
}
