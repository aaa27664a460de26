/* The report of t2i_check for people: every problem with its place, what would be allowed, what was probably meant. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "names.h"
#include "request.h"
#include "say.h"

enum { CLOSE_MS = 5000, ALLOWED_SHOWN = 24 };

static json_t *report_on(t2i_client client, const char *request, t2i_error *error) {
  char *report;
  size_t length;
  if (t2i_check(client, request, T2I_NTS, &report, &length, error) < 0) return NULL;
  json_t *read = json_loadb(report, length, 0, NULL);
  t2i_free(report);
  return held(read);
}

static const char *string_of(const json_t *object, const char *key) {
  const char *string = json_string_value(json_object_get(object, key));
  return string ? string : "";
}

/* Of a hundred prompts with one mistake, one note. */
static void say_note(const char *label, const char *message) {
  static char *last;
  if (last && strcmp(last, message) == 0) return;
  free(last);
  last = text("%s", message);
  say("%snote: %s", label, message);
}

bool check_before_paying(t2i_client client, const char *request, const char *label, t2i_error *error) {
  json_t *report = report_on(client, request, error), *problem;
  size_t i;
  if (!report) return false;
  const json_t *errors = json_object_get(report, "errors"), *first = json_array_get(errors, 0);
  if (!first) {
    json_array_foreach(json_object_get(report, "warnings"), i, problem) say_note(label, string_of(problem, "message"));
  } else {
    size_t others = json_array_size(errors) - 1;
    char *more = others ? text(" (and %zu other problem%s: t2i check lists all)", others, others > 1 ? "s" : "")
                        : text("%s", "");
    error->status = T2I_E_ARG;
    snprintf(error->where, sizeof error->where, "%s", string_of(first, "where"));
    snprintf(error->message, sizeof error->message, "%s%s", string_of(first, "message"), more);
    free(more);
  }
  json_decref(report);
  return first == NULL;
}

/* A value without the quotes of JSON where it is a text. The caller frees it. */
static char *plain(const json_t *value) {
  if (json_is_string(value)) return text("%s", json_string_value(value));
  return held(json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY));
}

static void print_allowed(const json_t *allowed) {
  json_t *value, *least = json_object_get(allowed, "min"), *most = json_object_get(allowed, "max");
  size_t i;
  if (least || most) {
    char *from = least ? plain(least) : text("any"), *to = most ? plain(most) : text("any");
    put_line("    allowed: %s to %s", from, to);
    free(from);
    free(to);
  }
  if (json_array_size(allowed) == 0) return;
  char *list = text("    allowed:");
  json_array_foreach(allowed, i, value) {
    if (i == ALLOWED_SHOWN) break;
    char *shown = plain(value), *longer = text("%s%s %s", list, i ? "," : "", shown);
    free(shown);
    free(list);
    list = longer;
  }
  if (i < json_array_size(allowed)) put_line("%s and %zu more", list, json_array_size(allowed) - i);
  else put_line("%s", list);
  free(list);
}

static void print_problems(const json_t *problems, const char *kind) {
  json_t *problem, *nearest;
  size_t i;
  json_array_foreach(problems, i, problem) {
    const char *where = string_of(problem, "where");
    put_line("%s%s%s", kind, where[0] ? " at " : "", where);
    put_line("    %s", string_of(problem, "message"));
    print_allowed(json_object_get(problem, "allowed"));
    if ((nearest = json_object_get(problem, "nearest"))) {
      char *shown = plain(nearest);
      put_line("    nearest: %s", shown);
      free(shown);
    }
  }
}

static const char *shown_price(const json_t *price) {
  static char lines[2][64];
  static unsigned next;
  char *line = lines[next++ % 2];
  const json_t *amount = json_object_get(price, "millicredits");
  if (!amount) return "an unknown price";
  bool estimated = strcmp(string_of(price, "certainty"), "known") != 0;
  snprintf(line, sizeof lines[0], "%s%s", estimated ? "about " : "", credits(json_integer_value(amount)));
  return line;
}

static void print_report(const json_t *report, const struct place *place, size_t number, size_t count) {
  const json_t *errors = json_object_get(report, "errors"), *request = json_object_get(report, "request");
  const json_t *list = json_object_get(report, "listPrice");
  char *which = count > 1 ? text("prompt %zu of %zu: ", number, count) : text("%s", "");
  if (json_array_size(errors) > 0) {
    put_line("%srefused, %zu problem%s", which, json_array_size(errors), json_array_size(errors) > 1 ? "s" : "");
  } else {
    char *hosted = list ? text(" (hosted: %s)", shown_price(list)) : text("%s", "");
    put_line("%sright: %s, %s; price: %s%s%s%s", which, string_of(request, "model"), string_of(request, "ratio"),
             shown_price(json_object_get(report, "price")), hosted, place ? "; would be saved as " : "",
             place ? place->path : "");
    free(hosted);
  }
  free(which);
  print_problems(errors, "error");
  print_problems(json_object_get(report, "warnings"), "note");
}

static void print_json(json_t *report, const struct place *place, size_t number) {
  json_object_set_new(report, "prompt", json_integer((json_int_t)number));
  if (place) json_object_set_new(report, "file", json_string(place->path));
  char *line = held(json_dumps(report, JSON_COMPACT));
  puts(line);
  free(line);
}

/* True when the request is right. */
static bool check_one(t2i_client client, const struct options *options, const char *request, const struct place *place,
                      size_t number, size_t count) {
  t2i_error error = T2I_ERROR_INIT;
  json_t *report = report_on(client, request, &error);
  if (!report) {
    say("prompt %zu: %s", number, sentence(&error));
    return false;
  }
  bool right = json_is_true(json_object_get(report, "ok"));
  if (options->json) print_json(report, place, number);
  else print_report(report, place, number, count);
  json_decref(report);
  return right;
}

int check(const struct options *options) {
  json_t *common = request_common(options);
  struct prompts prompts = prompts_read(options);
  struct place *places = held(calloc(prompts.count, sizeof *places));
  t2i_client client = client_open(options);
  if (options->dry_run) {
    folder_require(options);
    for (size_t i = 0; i < prompts.count; i++) places[i] = place_for(options, &prompts, i);
    places_require_free(options, places, prompts.count);
  }
  size_t wrong = 0;
  int unread = CODE_DONE;
  for (size_t i = 0; i < prompts.count && unread == CODE_DONE; i++) {
    char *request = request_for(common, prompts.items[i].text);
    if (!check_one(client, options, request, options->dry_run ? &places[i] : NULL, i + 1, prompts.count)) wrong++;
    free(request);
    free(places[i].path);
    unread = flushed(CODE_DONE);
  }
  t2i_client_close(client, CLOSE_MS, NULL);
  free(places);
  json_decref(common);
  if (wrong > 0 && prompts.count > 1) say("%zu of %zu prompts are refused", wrong, prompts.count);
  if (unread != CODE_DONE) return unread;
  return wrong > 0 ? CODE_REFUSED : CODE_DONE;
}
