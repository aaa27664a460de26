/* Paints a prompt and saves the picture: open, submit, wait, save.
 *
 *   generate [PROMPT [CONFIG]]    such as '{"provider":"runway"}', with a key in RUNWAYML_API_SECRET */
#include <stdio.h>
#include <stdlib.h>

#include "t2i.h"

static t2i_error err = T2I_ERROR_INIT;

static void must(t2i_status status) {
  if (status == T2I_OK) return;
  fprintf(stderr, "%s: %s %s\n", t2i_status_name(status), err.where, err.message);
  exit(1);
}

int main(int argc, char **argv) {
  const char *prompt = argc > 1 ? argv[1] : "A serene Japanese garden with cherry blossoms and a koi pond";
  const char *config = argc > 2 ? argv[2] : "{\"provider\":\"sketch\"}";
  char request[4096];
  t2i_client client;
  t2i_task task;
  /* A prompt with quotes or backslashes would have to be escaped here; a JSON library does that. */
  snprintf(request, sizeof request, "{\"promptText\":\"%s\",\"ratio\":\"1280:720\"}", prompt);

  must(t2i_client_open(config, T2I_NTS, NULL, &client, &err));
  must(t2i_submit(client, request, T2I_NTS, NULL, &task, &err));
  must(t2i_wait(client, &task, 1, T2I_WAIT_ALL, T2I_FOREVER, NULL, &err));
  must(t2i_output_save(client, task, 0, "t2i.png", T2I_NTS, T2I_SAVE_REPLACE, 0, &err));
  must(t2i_client_close(client, T2I_FOREVER, &err));
  puts("t2i.png");
  return 0;
}
