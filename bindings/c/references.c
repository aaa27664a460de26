/* Pictures after reference pictures: the prompt names each by its tag.
 *
 *   references [CONFIG [PICTURE]]    such as '{"provider":"runway"}', with a key in RUNWAYML_API_SECRET, and a file */
#include <stdio.h>

#include "t2i.h"

static const char *requests[] = {
  "{\"model\":\"gen4_image\",\"ratio\":\"1920:1080\","
  " \"promptText\":\"@EiffelTower painted in the style of @StarryNight\","
  " \"referenceImages\":[{\"uri\":\"https://example.com/eiffel.jpg\",\"tag\":\"EiffelTower\"},"
  "                     {\"uri\":\"https://example.com/starry.jpg\",\"tag\":\"StarryNight\"}]}",

  "{\"model\":\"gen4_image_turbo\",\"ratio\":\"1280:720\",\"promptText\":\"@rabbit on a hill at sunset\","
  " \"referenceImages\":[{\"uri\":\"https://example.com/rabbit.png\",\"tag\":\"rabbit\"}]}",
};

static int paint(t2i_client client, const char *request, const char *path) {
  t2i_error err = T2I_ERROR_INIT;
  t2i_task task;
  if (t2i_submit(client, request, T2I_NTS, NULL, &task, &err) == T2I_OK &&
      t2i_wait(client, &task, 1, T2I_WAIT_ALL, T2I_FOREVER, NULL, &err) == T2I_OK &&
      t2i_output_save(client, task, 0, path, T2I_NTS, T2I_SAVE_REPLACE, T2I_FOREVER, &err) == T2I_OK) {
    puts(path);
    return 0;
  }
  fprintf(stderr, "%s: %s: %s %s\n", path, t2i_status_name(err.status), err.where, err.message);
  return 1;
}

/* A picture of this machine. {"path":"style.jpg","tag":"Reference"} would do the same in one call; here the URI that the
 * picture gets is used for two requests. */
static int portraits(t2i_client client, const char *picture) {
  static const char *const models[] = {"gen4_image", "gen4_image_turbo"};
  t2i_error err = T2I_ERROR_INIT;
  char *uri, request[6000];
  size_t length;
  int failed = 0;
  if (t2i_upload(client, picture, T2I_NTS, NULL, 0, T2I_FOREVER, &uri, &length, &err) != T2I_OK) {
    fprintf(stderr, "upload: %s: %s %s\n", t2i_status_name(err.status), err.where, err.message);
    return 1;
  }
  for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
    snprintf(request, sizeof request,
             "{\"model\":\"%s\",\"ratio\":\"1280:720\",\"promptText\":\"A portrait in the style of @Reference\","
             " \"referenceImages\":[{\"uri\":\"%s\",\"tag\":\"Reference\"}]}", models[i], uri);
    failed += paint(client, request, i == 0 ? "portrait.png" : "portrait-turbo.png");
  }
  t2i_free(uri);
  return failed;
}

int main(int argc, char **argv) {
  t2i_error err = T2I_ERROR_INIT;
  t2i_client client;
  const char *config = argc > 1 ? argv[1] : "{\"provider\":\"sketch\"}";
  if (t2i_client_open(config, T2I_NTS, NULL, &client, &err) != T2I_OK) {
    fprintf(stderr, "open: %s: %s %s\n", t2i_status_name(err.status), err.where, err.message);
    return 1;
  }
  int failed = paint(client, requests[0], "tower.png") + paint(client, requests[1], "rabbit.png");
  if (argc > 2) failed += portraits(client, argv[2]);
  t2i_client_close(client, T2I_FOREVER, &err);
  return failed != 0;
}
