#include "structure/quadratic.h"

bool quadratic_check(tjob_text text)
{
    bool alternates = true;
    for (size_t i = 0; i < text.bytes; i++) {
        for (size_t k = 0; k < i; k++) {
            alternates = alternates && (k + 1 != i || text.data[k] != text.data[i]);
        }
    }
    return alternates;
}
