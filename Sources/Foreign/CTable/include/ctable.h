#pragma once

/* A t2i_api. Its functions are the library's own, so only what becomes the library can be linked with this. */
const void *ctable(void);
