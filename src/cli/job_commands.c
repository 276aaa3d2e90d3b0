/* The commands that apply one event to one job. */
#include "cli/session.h"
#include "cli/commands.h"

static int perform_on_job(const struct arguments *arguments, const tjob_event *event)
{
    struct session session;
    int code =
        event->kind == TJOB_DESCRIBE ? session_open_to_read(&session, arguments) : session_open(&session, arguments);
    if (code == EXIT_DONE) {
        code = session_perform(&session, event);
        session_close(&session);
    }
    return code;
}

int command_submit(const struct arguments *arguments)
{
    const uint64_t token = arguments->numbers[OPTION_TOKEN];
    return perform_on_job(arguments, &(tjob_event){.kind = TJOB_SUBMIT,
                                                   .incarnation = arguments->numbers[OPTION_INCARNATION],
                                                   .token = token != 0 ? token : session_random(),
                                                   .host_code = (uint32_t)arguments->numbers[OPTION_CODE]});
}

int command_start(const struct arguments *arguments)
{
    return perform_on_job(arguments, &(tjob_event){.kind = TJOB_START,
                                                   .incarnation = arguments->numbers[OPTION_INCARNATION],
                                                   .trainer_token = arguments->numbers[OPTION_TRAINER_TOKEN]});
}

int command_stop(const struct arguments *arguments)
{
    return perform_on_job(arguments, &(tjob_event){.kind = TJOB_STOP});
}

int command_report(const struct arguments *arguments)
{
    static const tjob_event_kind kinds[] = {TJOB_HALTED, TJOB_COMPLETED, TJOB_COMPLETED_WITH_WARNING, TJOB_FAILED,
                                            TJOB_TRAINER_LOST};
    return perform_on_job(arguments, &(tjob_event){.kind = (uint32_t)kinds[arguments->operand_choice],
                                                   .incarnation = arguments->numbers[OPTION_INCARNATION],
                                                   .trainer_token = arguments->numbers[OPTION_TRAINER_TOKEN],
                                                   .host_code = (uint32_t)arguments->numbers[OPTION_CODE]});
}

int command_describe(const struct arguments *arguments)
{
    return perform_on_job(arguments, &(tjob_event){.kind = TJOB_DESCRIBE});
}

int command_delete(const struct arguments *arguments)
{
    return perform_on_job(arguments, &(tjob_event){.kind = TJOB_DELETE});
}

int command_remove(const struct arguments *arguments)
{
    return perform_on_job(arguments,
                          &(tjob_event){.kind = TJOB_REMOVED, .incarnation = arguments->numbers[OPTION_INCARNATION]});
}
