/* The request is the body of the service's own text_to_image, so every flag is one of its keys. What a value may be is
 * for the library's check to say; here only what cannot be written down at all is refused. */
#define _POSIX_C_SOURCE 200809L
#include "request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

enum { TAG_MIN = 3, TAG_MAX = 16 };

json_t *json_of_flag(const char *flag, const char *text, const char *example) {
  json_error_t fault;
  json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &fault);
  if (!value) quit(CODE_USAGE, "%s: %s is no JSON (%s); for example: %s", flag, text, fault.text, example);
  return value;
}

static json_t *string_of_flag(const char *flag, const char *text) {
  json_t *string = json_string(text);
  if (!string) quit(CODE_USAGE, "%s: the value is not UTF-8", flag);
  return string;
}

static json_t *seed(const char *said) {
  char *end;
  errno = 0;
  long long value = strtoll(said, &end, 10);
  if (errno != 0 || *end != 0) quit(CODE_USAGE, "--seed: %s is no whole number; for example: --seed 7", said);
  return json_integer(value);
}

/* The flag that sets a key of its own, which --set must not set a second time. */
static const char *flag_for_key(const char *key) {
  static const char *const pairs[][2] = {
    {"promptText", "the prompt itself"}, {"model", "--model"}, {"ratio", "--ratio"}, {"seed", "--seed"}};
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
    if (strcmp(pairs[i][0], key) == 0) return pairs[i][1];
  return NULL;
}

static void set(json_t *request, const char *said) {
  const char *equals = strchr(said, '=');
  if (!equals || equals == said)
    quit(CODE_USAGE, "--set %s has no KEY=JSON; for example: --set 'quality=\"high\"'", said);
  char *key = held(strndup(said, (size_t)(equals - said)));
  const char *flag = flag_for_key(key);
  if (flag) quit(CODE_USAGE, "--set %s: use %s for it", key, flag);
  if (json_object_get(request, key)) quit(CODE_USAGE, "--set %s is given twice; give it once", key);
  char *name = text("--set %s", key), *example = text("--set '%s=\"high\"' (a text needs its quotes)", key);
  if (json_object_set_new(request, key, json_of_flag(name, equals + 1, example)) != 0)
    quit(CODE_USAGE, "--set: the key is not UTF-8");
  free(name);
  free(example);
  free(key);
}

static bool is_tag(const char *word) {
  size_t length = strlen(word);
  if (length < TAG_MIN || length > TAG_MAX) return false;
  for (size_t i = 0; i < length; i++) {
    bool letter = (word[i] >= 'a' && word[i] <= 'z') || (word[i] >= 'A' && word[i] <= 'Z');
    bool other = (word[i] >= '0' && word[i] <= '9') || word[i] == '_';
    if (!letter && !(other && i > 0)) return false;
  }
  return true;
}

static bool is_uri(const char *said) { return strstr(said, "://") != NULL || strncmp(said, "data:", 5) == 0; }

/* Whether all of it could be a picture: neither the = of a URI's query nor that of a file that exists is a tag's. */
static bool is_whole(const char *said) {
  return is_uri(said) ? strchr(said, '?') != NULL : access(said, F_OK) == 0;
}

/* TAG=PICTURE: what stands before the first = is a tag, and what follows could be a picture. */
static const char *after_tag(const char *said) {
  const char *equals = strchr(said, '=');
  if (!equals || access(said, F_OK) == 0) return NULL;
  char *tag = held(strndup(said, (size_t)(equals - said)));
  bool fits = is_tag(tag) && (is_uri(equals + 1) || access(equals + 1, F_OK) == 0);
  free(tag);
  return fits ? equals + 1 : NULL;
}

static json_t *entry_for(const char *picture, const char *tag) {
  if (!is_uri(picture) && access(picture, R_OK) != 0)
    quit(CODE_FILE, "--reference %s cannot be read: %s", picture, strerror(errno));
  json_t *entry = held(json_object());
  json_object_set_new(entry, is_uri(picture) ? "uri" : "path", string_of_flag("--reference", picture));
  if (tag) json_object_set_new(entry, "tag", json_string(tag));
  return entry;
}

/* PICTURE, TAG=PICTURE, or PICTURE=TAG as some write it. */
static json_t *reference(const char *said) {
  const char *picture = after_tag(said), *equals = picture ? picture - 1 : strrchr(said, '=');
  bool tag_follows = !picture && equals && !is_whole(said) && is_tag(equals + 1);
  if (!picture && !tag_follows) return entry_for(said, NULL);
  char *before = held(strndup(said, (size_t)(equals - said)));
  json_t *entry = picture ? entry_for(picture, before) : entry_for(before, equals + 1);
  free(before);
  return entry;
}

json_t *request_common(const struct options *options) {
  json_t *request = held(json_object());
  if (options->model) json_object_set_new(request, "model", string_of_flag("--model", options->model));
  if (options->ratio) json_object_set_new(request, "ratio", string_of_flag("--ratio", options->ratio));
  if (options->seed) json_object_set_new(request, "seed", seed(options->seed));
  for (size_t i = 0; i < options->sets.count; i++) set(request, options->sets.items[i]);
  if (options->references.count > 0) {
    if (json_object_get(request, "referenceImages"))
      quit(CODE_USAGE, "--set referenceImages and --reference exclude each other; give one");
    json_t *entries = held(json_array());
    for (size_t i = 0; i < options->references.count; i++)
      json_array_append_new(entries, reference(options->references.items[i]));
    json_object_set_new(request, "referenceImages", entries);
  }
  return request;
}

char *request_for(const json_t *common, const char *prompt) {
  json_t *request = held(json_copy((json_t *)common));
  json_object_set_new(request, "promptText", json_string(prompt));
  char *text = held(json_dumps(request, JSON_COMPACT));
  json_decref(request);
  return text;
}
