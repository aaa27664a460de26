/* libcurl's setters and getters take variable arguments, which Swift cannot call; each kind of argument gets a plain
 * inline twin here. curl_global_init_mem is never used: its hooks are the host's. */
#pragma once
#include <curl/curl.h>

static inline CURLcode cc_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode cc_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}
