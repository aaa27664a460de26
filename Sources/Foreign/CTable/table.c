/* The table that t2i_get_api gives away. In C, because here the compiler compares each entry with its function. */
#include "ctable.h"

#include "../../../include/t2i.h"

static const t2i_api table = {
    (uint32_t)sizeof(t2i_api),
    T2I_VERSION,
    t2i_get_api, t2i_version, t2i_build_info, t2i_has, t2i_status_name, t2i_free, t2i_shutdown, t2i_client_open,
    t2i_client_close, t2i_client_set, t2i_client_stats, t2i_client_fd, t2i_client_pump, t2i_client_wake,
    t2i_models, t2i_account, t2i_check, t2i_upload, t2i_submit, t2i_resume, t2i_recover, t2i_settle,
    t2i_next_event, t2i_wait, t2i_task_get, t2i_task_json, t2i_task_error, t2i_task_token, t2i_task_list,
    t2i_task_cancel, t2i_task_close, t2i_output_get, t2i_output_read, t2i_output_save,
    t2i_provider_add, t2i_job_progress, t2i_job_output, t2i_job_finish,
};

const void *ctable(void) { return &table; }
