/* The verbs of the program `tjob`. Each returns an exit code. */
#ifndef TJOB_CLI_VERBS_H
#define TJOB_CLI_VERBS_H

#include "cli/arguments.h"

int verb_demo(const struct arguments *arguments);
int verb_graph(const struct arguments *arguments);
int verb_check(const struct arguments *arguments);
int verb_simulate(const struct arguments *arguments);

int verb_store_create(const struct arguments *arguments);
int verb_store_grow(const struct arguments *arguments);
int verb_store_copy(const struct arguments *arguments);
int verb_store_restore(const struct arguments *arguments);
int verb_store_export(const struct arguments *arguments);
int verb_store_import(const struct arguments *arguments);
int verb_store_repair(const struct arguments *arguments);
int verb_store_check(const struct arguments *arguments);
int verb_store_stat(const struct arguments *arguments);

int verb_submit(const struct arguments *arguments);
int verb_start(const struct arguments *arguments);
int verb_stop(const struct arguments *arguments);
int verb_report(const struct arguments *arguments);
int verb_describe(const struct arguments *arguments);
int verb_delete(const struct arguments *arguments);
int verb_remove(const struct arguments *arguments);
int verb_list(const struct arguments *arguments);
int verb_expire(const struct arguments *arguments);
int verb_handle(const struct arguments *arguments);

int verb_history_check(const struct arguments *arguments);

#endif
