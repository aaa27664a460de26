/* What the hosts in this folder share. Each is a program of its own, so that its death is a result: the runner starts
 * it once for each drive, "threaded" and "pumped", in an empty folder, and counts what it counted. */
#ifndef HOST_H
#define HOST_H
#include "../check.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>

/* How this run drives its clients: 0, or T2I_OPEN_PUMPED. */
static uint32_t drive;
/* Everything, which takes minutes, or what fits in `make test`. */
static int is_thorough;

/* What the runner says: [threaded|pumped] [quick|all]. */
static inline void begin_host(int argc, char **argv) {
  begin();
  drive = argc > 1 && strcmp(argv[1], "pumped") == 0 ? T2I_OPEN_PUMPED : 0;
  is_thorough = argc > 2 && strcmp(argv[2], "all") == 0;
  if (is_thorough) alarm((unsigned)slowly(240));
}

/* So many when everything is tried, so many otherwise. */
static inline int either(int thorough, int quick) { return is_thorough ? thorough : quick; }

/* What was done, for whoever reads the report. */
__attribute__((format(printf, 1, 2))) static inline void counted(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  printf("counted: ");
  vprintf(format, arguments);
  printf("\n");
  va_end(arguments);
}

static inline t2i_client open_driven(const char *config) { return open_client(config, drive); }

static inline t2i_status try_open(const char *config, t2i_client *client) {
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  options.flags = drive;
  return t2i_client_open(config, T2I_NTS, &options, client, &err);
}

/* The exit code of a child; 128 and its signal if it died. */
static inline int exit_code_of(pid_t child) {
  int status = -1;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline long resident_kb(void) {
  long pages = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%ld %ld", &pages, &resident) != 2) abort();
  fclose(file);
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* What the hosted service takes too. */
#define HD_FOX "{\"promptText\":\"a fox\",\"ratio\":\"1280:720\"}"

static inline int is_whole(const char *answer, size_t size) {
  const char *length = strcasestr(answer, "content-length: "), *body = strstr(answer, "\r\n\r\n");
  return length != NULL && body != NULL && (size_t)(answer + size - body - 4) >= (size_t)atol(length + 16);
}

/* Tells the stand-in for the hosted service what goes wrong, or asks what it saw. The answer is the caller's. */
static inline char *ask_service(const char *method, const char *path, const char *json) {
  struct sockaddr_in address;
  const char *control = getenv("HOST_CONTROL"), *port = control ? strrchr(control, ':') : NULL;
  size_t room = 1 << 16, size = 0;
  ssize_t got;
  char *answer = (char *)malloc(room);
  int talk = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons((uint16_t)atoi(port ? port + 1 : "0"));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (answer == NULL || talk < 0 || connect(talk, (struct sockaddr *)&address, sizeof address) != 0) abort();
  const char *request = text("%s /_fake/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                             "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                             method, path, strlen(json), json);
  if (send(talk, request, strlen(request), MSG_NOSIGNAL) != (ssize_t)strlen(request)) abort();
  answer[0] = 0;
  while (!is_whole(answer, size) && (got = recv(talk, answer + size, room - size - 1, 0)) > 0) {
    answer[size += (size_t)got] = 0;
    if (room - size < 4096) answer = (char *)realloc(answer, room *= 2);
    if (answer == NULL) abort();
  }
  close(talk);
  return answer;
}

static inline int tell_service(const char *path, const char *json) {
  char *answer = ask_service("POST", path, json);
  int is_taken = has(answer, " 200 ");
  if (!is_taken) printf("  %s\n", answer);
  free(answer);
  return is_taken;
}

/* A client of the stand-in for the hosted service, whose addresses the runner put in the environment. */
static inline const char *hosted(const char *more) {
  const char *url = getenv("HOST_URL"), *key = getenv("HOST_KEY");
  if (url == NULL || key == NULL) abort();
  return text("{\"provider\":\"runway\",\"baseUrl\":\"%s\",\"apiKey\":\"%s\",\"pollFloorMs\":20,\"environment\":false,"
              "\"journal\":null%s}", url, key, more);
}

/* The same over TLS. */
static inline const char *hosted_tls(const char *more) {
  const char *url = getenv("HOST_TLS_URL"), *key = getenv("HOST_KEY"), *ca = getenv("HOST_CA");
  if (url == NULL || key == NULL || ca == NULL) abort();
  return text("{\"provider\":\"runway\",\"baseUrl\":\"%s\",\"apiKey\":\"%s\",\"caFile\":\"%s\",\"pollFloorMs\":20,"
              "\"environment\":false%s}", url, key, ca, more);
}
#endif
