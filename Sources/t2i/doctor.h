/* `t2i doctor`: what is here, for a bug report. */
#ifndef DOCTOR_H
#define DOCTOR_H

#include "options.h"

int doctor(const struct options *options);

#endif
