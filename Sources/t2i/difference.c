/* What a newer catalogue changes: models that come and go, prices, ratios, references, parameters. One line for each
 * change, so that a reader sees at once what becomes dearer before moving to it. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models.h"
#include "say.h"

static const char *id_of(const json_t *model) {
  const char *id = json_string_value(json_object_get(model, "id"));
  return id ? id : "";
}

static json_t *model_named(const json_t *menu, const char *id) {
  json_t *model;
  size_t i;
  json_array_foreach(menu, i, model) if (strcmp(id_of(model), id) == 0) return model;
  return NULL;
}

/* One change, found; `what` and the two sides are copied. */
static void note(json_t *changes, const char *id, const char *what, const char *from, const char *to) {
  json_array_append_new(changes, json_pack("{s:s, s:s, s:s, s:s}", "id", id, "what", what, "from", from, "to", to));
}

static void compare_prices(json_t *changes, const json_t *from, const json_t *to) {
  json_int_t least[2], most[2];
  if (json_equal(json_object_get(from, "price"), json_object_get(to, "price"))) return;
  bool known = price_bounds(from, &least[0], &most[0]) & price_bounds(to, &least[1], &most[1]);
  const char *what = "price terms";
  if (known && least[1] >= least[0] && most[1] >= most[0] && (least[1] > least[0] || most[1] > most[0]))
    what = "price up";
  if (known && least[1] <= least[0] && most[1] <= most[0] && (least[1] < least[0] || most[1] < most[0]))
    what = "price down";
  char *before = price_words(from), *after = price_words(to);
  note(changes, id_of(from), what, before, after);
  free(before);
  free(after);
}

static bool lists(const json_t *strings, const json_t *string) {
  json_t *other;
  size_t i;
  json_array_foreach(strings, i, other) if (json_equal(other, string)) return true;
  return false;
}

/* The strings of one list that the other lacks, "a, b". The caller frees it. */
static char *only_in(const json_t *one, const json_t *other) {
  json_t *string;
  size_t i;
  char *words = text("%s", "");
  json_array_foreach(one, i, string) {
    if (lists(other, string)) continue;
    char *longer = text("%s%s%s", words, words[0] ? ", " : "", json_string_value(string));
    free(words);
    words = longer;
  }
  return words;
}

static void compare_ratios(json_t *changes, const json_t *from, const json_t *to) {
  const json_t *before = json_object_get(from, "ratios"), *after = json_object_get(to, "ratios");
  char *gone = only_in(before, after), *new = only_in(after, before);
  if (new[0]) note(changes, id_of(from), "ratios added", "", new);
  if (gone[0]) note(changes, id_of(from), "ratios removed", gone, "");
  free(gone);
  free(new);
}

static void compare_parameters(json_t *changes, const json_t *from, const json_t *to) {
  json_t *before = json_object_get(from, "parameters"), *after = json_object_get(to, "parameters"), *value;
  const char *name;
  json_object_foreach(before, name, value) {
    json_t *other = json_object_get(after, name);
    char *was = json_dumps(value, JSON_COMPACT), *is = other ? json_dumps(other, JSON_COMPACT) : NULL;
    if (!other) note(changes, id_of(from), "parameter removed", name, "");
    else if (!json_equal(value, other)) {
      char *what = text("parameter %s", name);
      note(changes, id_of(from), what, was, is);
      free(what);
    }
    free(was);
    free(is);
  }
  json_object_foreach(after, name, value)
    if (!json_object_get(before, name)) note(changes, id_of(from), "parameter added", "", name);
}

static void compare(json_t *changes, const json_t *from, const json_t *to) {
  compare_prices(changes, from, to);
  compare_ratios(changes, from, to);
  if (!json_equal(json_object_get(from, "references"), json_object_get(to, "references"))) {
    char *before = reference_words(from), *after = reference_words(to);
    note(changes, id_of(from), "references", before, after);
    free(before);
    free(after);
  }
  if (!json_equal(json_object_get(from, "prompt"), json_object_get(to, "prompt"))) {
    char *before = json_dumps(json_object_get(from, "prompt"), JSON_COMPACT);
    char *after = json_dumps(json_object_get(to, "prompt"), JSON_COMPACT);
    note(changes, id_of(from), "prompt", before ? before : "", after ? after : "");
    free(before);
    free(after);
  }
  compare_parameters(changes, from, to);
}

/* The models of one menu that the other lacks, as [{"id", "price"}]. */
static json_t *models_only_in(const json_t *one, const json_t *other) {
  json_t *found = held(json_array()), *model;
  size_t i;
  json_array_foreach(one, i, model) {
    if (model_named(other, id_of(model))) continue;
    char *price = price_words(model);
    json_array_append_new(found, json_pack("{s:s, s:s}", "id", id_of(model), "price", price));
    free(price);
  }
  return found;
}

static void print_models(const json_t *list, char mark) {
  json_t *model;
  size_t i;
  json_array_foreach(list, i, model)
    put_line("%c %s (%s)", mark, id_of(model), json_string_value(json_object_get(model, "price")));
}

static void print_changes(const json_t *changes) {
  json_t *change;
  size_t i;
  json_array_foreach(changes, i, change) {
    const char *from = json_string_value(json_object_get(change, "from"));
    const char *to = json_string_value(json_object_get(change, "to"));
    const char *arrow = from[0] && to[0] ? " -> " : "";
    put_line("~ %s: %s: %s%s%s", id_of(change), json_string_value(json_object_get(change, "what")), from, arrow, to);
  }
}

void print_difference(const json_t *from, const json_t *to, bool as_json) {
  json_t *added = models_only_in(to, from), *removed = models_only_in(from, to);
  json_t *changes = held(json_array()), *model, *other;
  size_t i;
  json_array_foreach(from, i, model) if ((other = model_named(to, id_of(model)))) compare(changes, model, other);
  if (as_json) {
    json_t *all = json_pack("{s:O, s:O, s:O}", "added", added, "removed", removed, "changed", changes);
    char *line = held(json_dumps(all, JSON_COMPACT));
    puts(line);
    free(line);
    json_decref(all);
  } else {
    print_models(added, '+');
    print_models(removed, '-');
    print_changes(changes);
    if (json_array_size(added) + json_array_size(removed) + json_array_size(changes) == 0) puts("nothing changes");
  }
  json_decref(added);
  json_decref(removed);
  json_decref(changes);
}
