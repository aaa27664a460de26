/* How far it is: a bar on a terminal, plain lines of what changed everywhere else. With several prompts one line tells
 * the whole and a few more what is being worked on. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "say.h"
#include "screen.h"
#include "session.h"

enum { BAR_MIN = 8, BAR_MAX = 30, WORD_COLUMNS = 12, FRAME_MS = 100, STEP_PERMILLE = 250 };

static const struct {
  int32_t state;
  const char *name, *word;
} states[] = {
  {T2I_S_QUEUED, "QUEUED", "queued"},
  {T2I_S_SUBMITTING, "SUBMITTING", "submitting"},
  {T2I_S_PENDING, "PENDING", "waiting"},
  {T2I_S_THROTTLED, "THROTTLED", "held back"},
  {T2I_S_RUNNING, "RUNNING", "painting"},
  {T2I_S_UPLOADING, "UPLOADING", "uploading"},
  {T2I_S_FETCHING, "FETCHING", "fetching"},
  {T2I_S_SUCCEEDED, "SUCCEEDED", "done"},
  {T2I_S_FAILED, "FAILED", "failed"},
  {T2I_S_CANCELLED, "CANCELLED", "cancelled"},
  {T2I_S_AMBIGUOUS, "AMBIGUOUS", "unknown"},
  {T2I_S_DETACHED, "DETACHED", "left alone"},
};
enum { STATES = sizeof states / sizeof states[0] };

const char *state_word(int32_t state) {
  for (int i = 0; i < STATES; i++)
    if (states[i].state == state) return states[i].word;
  return "working";
}

const char *state_name(int32_t state) {
  for (int i = 0; i < STATES; i++)
    if (states[i].state == state) return states[i].name;
  return "UNKNOWN";
}

const char *job_label(const struct session *session, size_t index) {
  static char label[64];
  label[0] = 0;
  if (session->prompts.count > 1) snprintf(label, sizeof label, "%zu of %zu: ", index + 1, session->prompts.count);
  return label;
}

static long long milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static long long since_begin(void) {
  static long long begun;
  if (begun == 0) begun = milliseconds();
  return milliseconds() - begun;
}

static void add_numbers(struct line *line, int permille) {
  char numbers[48];
  long long seconds = since_begin() / 1000;
  snprintf(numbers, sizeof numbers, " %3d%% %3lld:%02lld  ", permille / 10, seconds / 60, seconds % 60);
  line_add(line, numbers, 0);
}

static int bar_columns(const struct line *line) {
  int columns = line->width / 3;
  return columns < BAR_MIN ? BAR_MIN : columns > BAR_MAX ? BAR_MAX : columns;
}

/* Where the bar of several begins; a narrow terminal cannot spare room for straight edges. */
static int bar_column(const struct line *line) { return line->width >= 60 ? 7 + WORD_COLUMNS : WORD_COLUMNS; }

static struct line line_of_one(const struct session *session, const struct job *job) {
  struct line line = line_begin();
  line_add(&line, state_word(job->state), WORD_COLUMNS);
  line_pad(&line, WORD_COLUMNS);
  line_bar(&line, bar_columns(&line), job->permille);
  add_numbers(&line, job->permille);
  line_add(&line, session->prompts.items[job->index].text, 0);
  return line;
}

/* Of several: its number instead of the time, which is everybody's. */
static struct line line_of_many(const struct session *session, const struct job *job) {
  struct line line = line_begin();
  char number[24];
  snprintf(number, sizeof number, "%5zu  ", job->index + 1);
  line_add(&line, number, 0);
  line_add(&line, state_word(job->state), WORD_COLUMNS);
  line_pad(&line, bar_column(&line));
  line_bar(&line, bar_columns(&line) / 2, job->permille);
  line_add(&line, "  ", 0);
  line_add(&line, session->prompts.items[job->index].text, 0);
  return line;
}

static struct line line_of_all(const struct session *session) {
  struct line line = line_begin();
  char words[96];
  size_t count = session->prompts.count, ended = session->saved + session->failed + session->cancelled;
  size_t permille = ended * 1000;
  for (int i = 0; i < IN_FLIGHT_MAX; i++)
    if (session->jobs[i].task) permille += (size_t)session->jobs[i].permille;
  snprintf(words, sizeof words, "%zu of %zu  ", ended, count);
  line_add(&line, words, 0);
  line_pad(&line, bar_column(&line));
  line_bar(&line, bar_columns(&line), (int)(permille / count));
  add_numbers(&line, (int)(permille / count));
  if (session->failed > 0) {
    snprintf(words, sizeof words, "%zu failed", session->failed);
    line_add(&line, words, 0);
  }
  return line;
}

void progress_refresh(const struct session *session) {
  static long long last = -FRAME_MS;
  if (!screen_can_redraw() || (!screen_is_erased() && since_begin() - last < FRAME_MS)) return;
  last = since_begin();
  struct line lines[IN_FLIGHT_MAX + 1];
  size_t count = 0, room = (size_t)screen_rows() > 2 ? (size_t)screen_rows() - 2 : 1;
  bool several = session->prompts.count > 1;
  if (several) lines[count++] = line_of_all(session);
  for (int i = 0; i < IN_FLIGHT_MAX && count < room; i++) {
    const struct job *job = &session->jobs[i];
    if (job->task) lines[count++] = several ? line_of_many(session, job) : line_of_one(session, job);
  }
  screen_draw(lines, count);
}

void progress_ended(const struct session *session) {
  if (screen_can_redraw() || session->options->json || session->prompts.count == 1 || session->stop_code) return;
  char *failed = session->failed ? text(", %zu failed", session->failed) : text("%s", "");
  say("%zu of %zu done%s", session->saved + session->failed, session->prompts.count, failed);
  free(failed);
}

void progress_changed(struct session *session, struct job *job) {
  if (screen_can_redraw() || session->options->json || session->prompts.count > 1) return;
  /* Where lines stay for ever, only a quarter of the way is news. */
  bool far = job->permille >= job->told_permille + STEP_PERMILLE;
  if (job->told_permille >= 0 && !far) return;
  job->told_permille = job->permille - job->permille % STEP_PERMILLE;
  if (job->permille > 0) {
    say("%s, %d%%", state_word(job->state), job->permille / 10);
  } else {
    say("%s", state_word(job->state));
  }
}
