/* Reads a credentials file piece by piece. */
#ifndef TJOB_HOST_SIGNATURE_CREDENTIALS_H
#define TJOB_HOST_SIGNATURE_CREDENTIALS_H

#include "tjob/credentials.h"

typedef struct credentials_reader {
    tjob_credentials *credentials;
    tjob_credentials_problem problem;
    uint32_t line;         /* the number of the line that is being read */
    uint32_t section_line; /* that of the section in which it stands */
    unsigned has;          /* the settings of this section */
    uint32_t total_bytes;
    uint32_t line_bytes;
    char text[TJOB_CREDENTIALS_LINE_BYTES_MAX]; /* the line, as far as it is known */
} credentials_reader;

/* Begins with credentials, of which nothing is left. */
void tjob__credentials_begin(credentials_reader *reader, tjob_credentials *credentials);

/* Reads on. After a problem it reads nothing more. */
void tjob__credentials_feed(credentials_reader *reader, tjob_text bytes);

/* Ends, and wipes the reader; if there was a problem, the credentials too. As tjob_credentials_read. */
tjob_credentials_problem tjob__credentials_end(credentials_reader *reader, uint32_t *line);

#endif
