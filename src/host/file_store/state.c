#include "host/file_store/state.h"

tjob_file_problem tjob__file_state_read(const struct tjob_disk *disk, int file, const struct file_header *header,
                                        enum file_state *state)
{
    unsigned char bytes[FILE_STATE_BYTES] = {0};
    const tjob_file_problem problem = tjob__disk_read(disk, file, FILE_STATE_OFFSET, bytes, sizeof bytes);
    *state = tjob__file_state_decode(header, bytes);
    return problem;
}

tjob_file_problem tjob__file_state_write(const struct tjob_disk *disk, int file, const struct file_header *header,
                                         enum file_state state)
{
    unsigned char bytes[FILE_STATE_BYTES];
    bool begun;
    tjob__file_state_encode(header, state, bytes);
    return tjob__disk_write(disk, file, FILE_STATE_OFFSET, bytes, sizeof bytes, &begun);
}

tjob_file_problem tjob__file_state_change(const struct tjob_disk *disk, int file, const struct file_header *header,
                                          enum file_state state)
{
    tjob_file_problem problem = tjob__file_header_check(disk, file, 0, header);
    if (problem != TJOB_FILE_OK) {
        problem = tjob__disk_sync(disk, file); /* the state that was written before */
        problem = problem == TJOB_FILE_OK ? tjob__file_header_repair(disk, file, 0, header) : problem;
    }
    return problem != TJOB_FILE_OK ? problem : tjob__file_state_write(disk, file, header, state);
}

/* If this fails, the next opening of the file repeats it: the file and its name are durable already. */
void tjob__file_state_confirm(const struct tjob_disk *disk, int file, const struct file_header *header)
{
    enum file_state state;
    if (tjob__file_state_read(disk, file, header, &state) == TJOB_FILE_OK && state == FILE_NEW) {
        (void)tjob__file_state_write(disk, file, header, FILE_CURRENT);
    }
}
