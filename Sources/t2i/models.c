/* The menu of models as a table that fits a terminal; as JSON it is what t2i_models says. */
#define _POSIX_C_SOURCE 200809L
#include "models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "say.h"
#include "screen.h"

enum { CLOSE_MS = 5000 };

json_t *menu_of(t2i_client client) {
  t2i_error error = T2I_ERROR_INIT;
  char *menu;
  size_t length;
  t2i_status status = t2i_models(client, &menu, &length, &error);
  if (status < 0) quit(code_of(status), "%s", sentence(&error));
  json_t *read = held(json_loadb(menu, length, 0, NULL));
  t2i_free(menu);
  return read;
}

bool price_bounds(const json_t *model, json_int_t *least, json_int_t *most) {
  json_t *price = json_object_get(model, "price"), *tier, *tiers = json_object_get(price, "tiers");
  json_t *flat = json_object_get(price, "millicredits");
  const char *name;
  *least = json_integer_value(json_object_get(price, "min"));
  *most = json_integer_value(json_object_get(price, "max"));
  if (flat) *least = *most = json_integer_value(flat);
  bool known = flat || json_object_get(price, "max");
  json_object_foreach(tiers, name, tier) {
    json_int_t amount = json_integer_value(tier);
    if (!known || amount < *least) *least = amount;
    if (!known || amount > *most) *most = amount;
    known = true;
  }
  return known;
}

char *price_words(const json_t *model) {
  json_int_t least, most;
  if (!price_bounds(model, &least, &most)) return text("unknown");
  if (least == most) return text("%s", credits(least));
  char *first = text("%s", credits(least));
  char *unit = strchr(first, ' '); /* "5 to 8 credits", the unit once */
  if (unit && least > 0) *unit = 0;
  char *both = text("%s to %s", first, credits(most));
  free(first);
  return both;
}

char *reference_words(const json_t *model) {
  const json_t *references = json_object_get(model, "references");
  json_int_t least = json_integer_value(json_object_get(references, "min"));
  const json_t *most = json_object_get(references, "max");
  if (!references) return text("unknown");
  if (!most) return text("%lld or more", (long long)least);
  if (least == json_integer_value(most)) return text("%lld", (long long)least);
  return text("%lld to %lld", (long long)least, (long long)json_integer_value(most));
}

static const char *string_of(const json_t *model, const char *key) {
  const char *string = json_string_value(json_object_get(model, key));
  return string ? string : "";
}

static int widest_id(const json_t *menu) {
  json_t *model;
  size_t i;
  int widest = 5;
  json_array_foreach(menu, i, model) {
    int width = (int)strlen(string_of(model, "id"));
    if (width > widest) widest = width;
  }
  return widest;
}

/* A row, cut at the terminal's edge where there is one. */
static void print_row(const char *id, int id_width, const char *price, const char *references, const char *best) {
  char *row = text("%-*s  %-19s  %-7s  %s", id_width, id, price, references, best);
  make_printable(row);
  size_t length = strlen(row);
  size_t width = isatty(STDOUT_FILENO) ? (size_t)screen_columns() : length;
  if (length > width) length = width;
  while (length > 0 && row[length - 1] == ' ') length--;
  printf("%.*s\n", (int)length, row);
  free(row);
}

static void print_menu(const json_t *menu) {
  json_t *model;
  size_t i;
  int width = widest_id(menu);
  print_row("MODEL", width, "PRICE OF A PICTURE", "REFS", "BEST FOR");
  json_array_foreach(menu, i, model) {
    char *price = price_words(model), *references = reference_words(model);
    print_row(string_of(model, "id"), width, price, references, string_of(model, "bestFor"));
    free(price);
    free(references);
  }
}

static void print_names(const json_t *menu) {
  json_t *model;
  size_t i;
  json_array_foreach(menu, i, model) put_line("%s", string_of(model, "id"));
}

static void print_as_json(const json_t *menu) {
  char *printed = held(json_dumps(menu, JSON_INDENT(1)));
  puts(printed);
  free(printed);
}

int models(const struct options *options) {
  t2i_client client = options->catalogue ? client_open_catalogue(options->catalogue) : 0;
  json_t *menu = menu_of(client);
  if (options->diff) {
    json_t *known = menu_of(0);
    print_difference(known, menu, options->json);
    json_decref(known);
  } else if (options->json) {
    print_as_json(menu);
  } else if (options->names) {
    print_names(menu);
  } else {
    print_menu(menu);
  }
  json_decref(menu);
  if (client) t2i_client_close(client, CLOSE_MS, NULL);
  return CODE_DONE;
}
