/* What is being painted: shared by the loop (paint.c), the display (progress.c), the JSON lines (events.c) and the end
 * of each picture (ending.c). */
#ifndef SESSION_H
#define SESSION_H

#include <jansson.h>
#include <stdbool.h>

#include "names.h"
#include "options.h"
#include "prompts.h"
#include "t2i.h"

enum { IN_FLIGHT_MAX = 8 };

/* One prompt on its way to a file. */
struct job {
  size_t index;
  t2i_task task;     /* 0: not submitted, or over */
  int32_t state;     /* T2I_S_..., 0 before the first */
  int permille;      /* of the whole way as far as it is known */
  int told_permille; /* what the last plain line said */
};

struct session {
  const struct options *options;
  struct prompts prompts;
  struct place *places;
  json_t *common;
  t2i_client client;
  size_t next; /* the first prompt that was not submitted */
  struct job jobs[IN_FLIGHT_MAX];
  size_t saved, failed, cancelled;
  int code;             /* how the failures ended: theirs if they agree, otherwise CODE_TASK */
  int stop_code;        /* why no more is submitted; 0: go on */
  long long spent;      /* millicredits */
  size_t cost_unknown;  /* ended pictures whose cost nobody knows */
  size_t maybe_charged; /* pictures that may have been charged without a file */
  char *last_refusal;   /* the same sentence is not said a hundred times */
  size_t refused_alike;
  bool leaves;        /* an interruption stops watching, and cancels nothing */
  bool is_complete;   /* of tasks that come back: all were taken */
  size_t unfinished;  /* tasks that the journal keeps for t2i recover */
  size_t undecided;   /* tasks that are AMBIGUOUS */
};

/* The loop: until nothing is on its way any more, with `more` called whenever there may be room. */
void follow(struct session *session, void (*more)(struct session *session));

/* "painting" for T2I_S_RUNNING. */
const char *state_word(int32_t state);
/* "RUNNING". */
const char *state_name(int32_t state);

/* "picture 3: " when there are several, nothing when there is one. Lives until the next call. */
const char *job_label(const struct session *session, size_t index);

/* The display. */
void progress_changed(struct session *session, struct job *job);
/* A picture has ended. */
void progress_ended(const struct session *session);
void progress_refresh(const struct session *session);

/* JSON lines; nothing without --json. */
void event_changed(struct session *session, const struct job *job, const char *kind);
void event_done(struct session *session, size_t index, const char *path, const t2i_error *error, json_t *task);

/* A line on stdout. When nobody reads any more, nothing more is submitted and what is on its way is cancelled. */
void print_result(struct session *session, const char *line);

/* A request was refused before anything was sent. */
void ending_refused(struct session *session, size_t index, const t2i_error *error);
/* A task is final: saves the picture, tells how it ended, counts it, releases it. */
void ending_final(struct session *session, struct job *job);
/* After an interruption: what is still on its way is left alone, and said to be. */
void ending_abandoned(struct session *session, struct job *job);
/* The last words, and the code to end with. */
int ending_summary(struct session *session);

#endif
