/* Pictures after reference pictures: the prompt names each by its tag.
 *
 *   references [CONFIG]    such as '{"provider":"runway"}', with a key in RUNWAYML_API_SECRET */
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

int main(int argc, char **argv) {
  t2i_error err = T2I_ERROR_INIT;
  t2i_client client;
  const char *config = argc > 1 ? argv[1] : "{\"provider\":\"sketch\"}";
  if (t2i_client_open(config, T2I_NTS, NULL, &client, &err) != T2I_OK) {
    fprintf(stderr, "open: %s: %s %s\n", t2i_status_name(err.status), err.where, err.message);
    return 1;
  }
  int failed = paint(client, requests[0], "tower.png") + paint(client, requests[1], "rabbit.png");
  t2i_client_close(client, T2I_FOREVER, &err);
  return failed != 0;
}
