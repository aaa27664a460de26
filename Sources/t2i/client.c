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

static void T2I_CALL tell_warning(void *user, int32_t level, const char *record, size_t length) {
  (void)user, (void)level;
  json_t *warning = json_loadb(record, length, 0, NULL);
  const char *message = json_string_value(json_object_get(warning, "message"));
  if (message) say("note: %s", message);
  json_decref(warning);
}

/* 0 when it cannot be opened. */
static t2i_client try_open(const json_t *config, t2i_log_fn on_log, t2i_error *error) {
  t2i_client_opts opts = T2I_CLIENT_OPTS_INIT;
  t2i_client client = 0;
  opts.on_log = on_log;
  opts.log_level = T2I_LOG_WARN;
  char *text = held(json_dumps(config, JSON_COMPACT));
  t2i_status status = t2i_client_open(text, T2I_NTS, &opts, &client, error);
  free(text);
  return status < 0 ? 0 : client;
}

static t2i_client opened(const json_t *config) {
  t2i_error error = T2I_ERROR_INIT;
  t2i_client client = try_open(config, tell_warning, &error);
  if (!client) {
    int code = code_of(error.status);
    quit(code == CODE_REFUSED ? CODE_USAGE : code, "%s", sentence(&error));
  }
  return client;
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
  t2i_client client = opened(config);
  json_decref(config);
  return client;
}

t2i_client client_open_hosted(const struct options *options) {
  json_t *config = config_of(options);
  const char *provider = json_string_value(json_object_get(config, "provider"));
  if (provider && strcmp(provider, "runway") != 0)
    quit(CODE_USAGE, "--config names the provider %s, which has no account; runway has one", provider);
  if (!has_key(config)) quit(CODE_KEY, "there is no key: set %s to a key of the account", key_variable);
  json_object_set_new(config, "provider", json_string("runway"));
  t2i_client client = opened(config);
  json_decref(config);
  return client;
}

t2i_client client_try_hosted(t2i_error *error) {
  json_t *config = json_pack("{s:s}", "provider", "runway");
  t2i_client client = try_open(config, NULL, error);
  json_decref(config);
  return client;
}

t2i_client client_open_catalogue(const char *path) {
  json_t *config = json_pack("{s:s}", "provider", "sketch");
  if (path && json_object_set_new(config, "catalogue", json_string(path)) != 0)
    quit(CODE_USAGE, "--catalogue: the path is not UTF-8");
  t2i_client client = opened(config);
  json_decref(config);
  return client;
}
