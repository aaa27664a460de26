/* libcurl's setters and getters take variable arguments, which Swift cannot call; each kind of argument gets a plain
 * inline twin here. curl_global_init_mem is never used: its hooks are the host's. */
#pragma once
#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* CURLOPT_QUICK_EXIT: without it a name server that is silent holds up whoever closes a client. */
#define CC_VERSION_MIN 0x075700
#if LIBCURL_VERSION_NUM < CC_VERSION_MIN
#error "libt2i needs libcurl 7.87 or newer"
#endif

/* Macros with casts in them, which Swift does not import. */
enum { CC_AUTH_BASIC = 1 };
_Static_assert(CC_AUTH_BASIC == CURLAUTH_BASIC, "libcurl's own number");
static inline const curl_version_info_data *cc_version_info(void) { return curl_version_info(CURLVERSION_NOW); }

/* Once per process, whoever comes first; libcurl's own lock for this is an option of its build. */
static inline CURLcode cc_global_init(void) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static int done;
  static CURLcode outcome;
  pthread_mutex_lock(&lock);
  if (!done) {
    outcome = curl_global_init(CURL_GLOBAL_DEFAULT);
    done = outcome == CURLE_OK;
  }
  pthread_mutex_unlock(&lock);
  return outcome;
}

static inline CURLcode cc_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode cc_set_size(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode cc_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode cc_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode cc_set_headers(CURL *easy, struct curl_slist *headers) {
  return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
}
static inline CURLcode cc_on_body(CURL *easy, curl_write_callback call) {
  return curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, call);
}
static inline CURLcode cc_on_header(CURL *easy, curl_write_callback call) {
  return curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, call);
}
static inline CURLcode cc_on_open(CURL *easy, curl_opensocket_callback call) {
  return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, call);
}
static inline CURLcode cc_on_request(CURL *easy, curl_prereq_callback call) {
  return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, call);
}

/* 0 and NULL where libcurl does not know. */
static inline long cc_get_long(CURL *easy, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}
static inline const char *cc_get_text(CURL *easy, CURLINFO info) {
  const char *value = NULL;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : NULL;
}
static inline curl_off_t cc_get_size(CURL *easy, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}
static inline void *cc_get_private(CURL *easy) {
  char *value = NULL;
  return curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value) == CURLE_OK ? value : NULL;
}

static inline CURLMcode cc_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}
static inline CURLMcode cc_multi_on_socket(CURLM *multi, curl_socket_callback call, void *argument) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, call);
  return code == CURLM_OK ? curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, argument) : code;
}
static inline CURLMcode cc_multi_on_timer(CURLM *multi, curl_multi_timer_callback call, void *argument) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, call);
  return code == CURLM_OK ? curl_multi_setopt(multi, CURLMOPT_TIMERDATA, argument) : code;
}
static inline CURLSHcode cc_share_tls_sessions(CURLSH *share) {
  return curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

/* The bytes of the address that libcurl is about to connect to, in network order; size 0 for a family not known here. */
static inline const void *cc_address(const struct curl_sockaddr *target, size_t *size) {
  /* libcurl keeps room behind it for the longest address of any family. */
  const struct sockaddr *address = &target->addr;
  *size = target->family == AF_INET ? 4 : target->family == AF_INET6 ? 16 : 0;
  if (target->family == AF_INET) return &((const struct sockaddr_in *)address)->sin_addr;
  return target->family == AF_INET6 ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr : NULL;
}

/* A socket that no program the host starts inherits, and never 0, 1 or 2. */
static inline curl_socket_t cc_open_socket(const struct curl_sockaddr *target) {
  int opened = socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
  if (opened < 0 || opened >= 3) return opened;
  int moved = fcntl(opened, F_DUPFD_CLOEXEC, 3);
  close(opened);
  return moved;
}

/* A multi handle opens a pair of sockets. In a host that closed its standard descriptors they would take their places,
 * and what the host prints would go there; so those are kept taken meanwhile. */
static inline CURLM *cc_multi_init(void) {
  int kept[3], count = 0, taken;
  while ((taken = eventfd(0, EFD_CLOEXEC)) >= 0 && taken < 3) kept[count++] = taken;
  if (taken >= 0) close(taken);
  CURLM *multi = curl_multi_init();
  while (count > 0) close(kept[--count]);
  return multi;
}

/* The next transfer that ended, NULL when there is none. */
static inline CURL *cc_next_ended(CURLM *multi, CURLcode *code) {
  int left;
  for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));)
    if (message->msg == CURLMSG_DONE) {
      *code = message->data.result;
      return message->easy_handle;
    }
  return NULL;
}
