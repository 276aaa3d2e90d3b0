/* The pictures of docs/pictures, drawn on standard output; false, and said on standard error, if one cannot be. */
#ifndef TJOB_TESTS_PICTURES_H
#define TJOB_TESTS_PICTURES_H

#include <stdbool.h>

bool picture_lifecycle(void);
bool picture_operation(void);
bool picture_race(void);

#endif
