/* Balance, limits and use, as the service tells them. Its words come from outside: what is missing is said to be
 * missing, and no number reaches arithmetic unbounded. */
#define _POSIX_C_SOURCE 200809L
#include "account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "interrupt.h"
#include "say.h"

enum { ASK_MS = 60000, CLOSE_MS = 5000, MODELS_OF_A_DAY = 3, MODEL_COLUMNS_MAX = 40 };
/* Whatever a document of the largest size adds up stays far below 2^63. */
static const double NUMBER_MAX = 1e9;

json_t *account_of(t2i_client client, t2i_error *error) {
  char *told;
  size_t length;
  t2i_status status;
  do {
    status = t2i_account(client, ASK_MS, &told, &length, error);
  } while (status == T2I_WOKEN && !interrupt_code());
  if (status == T2I_OK) {
    json_t *document = held(json_loadb(told, length, 0, NULL));
    t2i_free(told);
    return document;
  }
  if (status == T2I_WOKEN) {
    error->status = T2I_E_CANCELLED;
    snprintf(error->message, sizeof error->message, "interrupted");
  } else if (status == T2I_TIMEOUT) {
    error->status = T2I_E_NETWORK;
    snprintf(error->message, sizeof error->message, "the service did not answer in %d s; try again later",
             ASK_MS / 1000);
  }
  return NULL;
}

/* 0 for what is no number. */
static double bounded(const json_t *number) {
  double value = json_number_value(number);
  return value > NUMBER_MAX ? NUMBER_MAX : value < -NUMBER_MAX ? -NUMBER_MAX : value;
}

static long long millicredits(const json_t *amount) { return (long long)(bounded(amount) * 1000); }

static const char *credits_or_0(long long amount) { return amount == 0 ? "0 credits" : credits(amount); }

const char *credit_words(const json_t *amount) {
  return json_is_number(amount) ? credits_or_0(millicredits(amount)) : "not said";
}

static json_t *limits_of(const json_t *organization, const char *model) {
  return json_object_get(json_object_get(json_object_get(organization, "tier"), "models"), model);
}

static const json_t *today_of(const json_t *organization, const char *model) {
  const json_t *models = json_object_get(json_object_get(organization, "usage"), "models");
  return json_object_get(json_object_get(models, model), "dailyGenerations");
}

bool is_used_up(const json_t *organization, const char *model) {
  const json_t *most = json_object_get(limits_of(organization, model), "maxDailyGenerations");
  return json_is_number(most) && json_number_value(today_of(organization, model)) >= json_number_value(most);
}

/* Adds the uses of a day to what its models used so far, {model: millicredits}. Answers the day's sum. */
static long long add_uses(json_t *used, const json_t *uses) {
  long long sum = 0;
  const json_t *use;
  size_t i;
  json_array_foreach(uses, i, use) {
    const char *model = json_string_value(json_object_get(use, "model"));
    long long amount = millicredits(json_object_get(use, "amount"));
    sum += amount;
    if (!model) continue;
    json_int_t before = json_integer_value(json_object_get(used, model));
    json_object_set_new(used, model, json_integer(before + amount));
  }
  return sum;
}

/* "gen4_image, muse_image and 2 more". The caller frees it. */
static char *names_of(json_t *used) {
  const char *model;
  json_t *amount;
  char *names = text("%s", "");
  size_t named = 0, count = json_object_size(used);
  json_object_foreach(used, model, amount) {
    bool is_last = named == MODELS_OF_A_DAY;
    char *more = is_last ? text("%s and %zu more", names, count - named)
                         : text("%s%s%s", names, named > 0 ? ", " : "", model);
    free(names);
    names = more;
    named++;
    if (is_last) break;
  }
  return names;
}

static void print_days(const json_t *days) {
  const json_t *day;
  size_t i;
  bool is_first = true;
  json_array_foreach(days, i, day) {
    json_t *used = held(json_object());
    const char *date = json_string_value(json_object_get(day, "date"));
    long long sum = add_uses(used, json_object_get(day, "usedCredits"));
    if (json_object_size(used) > 0) {
      if (is_first) puts("\nDAY         USED            FOR");
      char *names = names_of(used);
      put_line("%-10s  %-14s  %s", date ? date : "not said", credits_or_0(sum), names);
      free(names);
      is_first = false;
    }
    json_decref(used);
  }
}

/* "no limit" is the service's null; a key that is not there says nothing. */
static char *limit_words(const json_t *limits, const char *key) {
  const json_t *limit = json_object_get(limits, key);
  if (json_is_number(limit)) return text("%.0f", bounded(limit));
  return text("%s", json_is_null(limit) ? "no limit" : "not said");
}

static bool is_limited(const json_t *limits) {
  return json_is_number(json_object_get(limits, "maxConcurrentGenerations")) ||
         json_is_number(json_object_get(limits, "maxDailyGenerations"));
}

static void print_model(const json_t *organization, const char *model, int width, const json_t *used) {
  const json_t *limits = limits_of(organization, model), *today = today_of(organization, model);
  char *at_once = limit_words(limits, "maxConcurrentGenerations");
  char *a_day = limit_words(limits, "maxDailyGenerations");
  put_line("%-*s  %-8s  %-8s  %-6.0f  %s", width, model, at_once, a_day, bounded(today),
           credits_or_0(json_integer_value(used)));
  free(at_once);
  free(a_day);
}

/* A row for each model that has a limit or was used; how many others there are is said. */
static void print_models(const json_t *organization, const json_t *used) {
  json_t *all = json_object_get(json_object_get(organization, "tier"), "models");
  json_t *shown = held(json_object()), *value;
  const char *model;
  int width = 5;
  json_object_foreach(all, model, value) {
    if (is_limited(value) || json_number_value(today_of(organization, model)) > 0)
      json_object_set_new(shown, model, json_true());
  }
  json_object_foreach((json_t *)used, model, value) json_object_set_new(shown, model, json_true());
  json_object_foreach(shown, model, value) {
    int length = (int)strnlen(model, MODEL_COLUMNS_MAX);
    if (length > width) width = length;
  }
  size_t unlimited = 0;
  json_object_foreach(all, model, value) unlimited += !json_object_get(shown, model);
  if (json_object_size(shown) > 0)
    printf("\n%-*s  AT ONCE   A DAY     TODAY   USED IN 30 DAYS\n", width, "MODEL");
  json_object_foreach(shown, model, value) print_model(organization, model, width, json_object_get(used, model));
  if (unlimited > 0)
    printf("%s%zu model%s without limits, not used\n", json_object_size(shown) > 0 ? "and " : "\n", unlimited,
           unlimited > 1 ? "s" : "");
  json_decref(shown);
}

static void print_account(const json_t *document) {
  const json_t *organization = json_object_get(document, "organization"), *day;
  const json_t *days = json_object_get(json_object_get(document, "usage"), "results");
  json_t *used = held(json_object());
  long long sum = 0;
  size_t i;
  json_array_foreach(days, i, day) sum += add_uses(used, json_object_get(day, "usedCredits"));
  put_line("balance        %s", credit_words(json_object_get(organization, "creditBalance")));
  put_line("monthly limit  %s",
           credit_words(json_object_get(json_object_get(organization, "tier"), "maxMonthlyCreditSpend")));
  put_line("last 30 days   %s used", days ? credits_or_0(sum) : "not said what was");
  print_models(organization, used);
  print_days(days);
  json_decref(used);
}

int account(const struct options *options) {
  t2i_error error = T2I_ERROR_INIT;
  t2i_client client = client_open_hosted(options);
  interrupt_watch(client);
  json_t *document = account_of(client, &error);
  if (!document) {
    say("%s", sentence(&error));
  } else if (options->json) {
    char *printed = held(json_dumps(document, JSON_INDENT(1)));
    puts(printed);
    free(printed);
  } else {
    print_account(document);
  }
  t2i_client_close(client, CLOSE_MS, NULL);
  if (interrupt_code()) return interrupt_code();
  int code = document ? CODE_DONE : code_of(error.status);
  json_decref(document);
  return code;
}
