/* The commands of the program `tjob`. Each returns an exit code. */
#ifndef TJOB_CLI_COMMANDS_H
#define TJOB_CLI_COMMANDS_H

#include "cli/arguments.h"

int command_demo(const struct arguments *arguments);
int command_graph(const struct arguments *arguments);
int command_check(const struct arguments *arguments);
int command_simulate(const struct arguments *arguments);

int command_store_create(const struct arguments *arguments);
int command_store_grow(const struct arguments *arguments);
int command_store_copy(const struct arguments *arguments);
int command_store_restore(const struct arguments *arguments);
int command_store_export(const struct arguments *arguments);
int command_store_import(const struct arguments *arguments);
int command_store_repair(const struct arguments *arguments);
int command_store_check(const struct arguments *arguments);
int command_store_stat(const struct arguments *arguments);
int command_store_purge(const struct arguments *arguments);
int command_store_renew(const struct arguments *arguments);

int command_submit(const struct arguments *arguments);
int command_start(const struct arguments *arguments);
int command_stop(const struct arguments *arguments);
int command_report(const struct arguments *arguments);
int command_describe(const struct arguments *arguments);
int command_delete(const struct arguments *arguments);
int command_remove(const struct arguments *arguments);
int command_list(const struct arguments *arguments);
int command_expire(const struct arguments *arguments);
int command_handle(const struct arguments *arguments);
int command_serve(const struct arguments *arguments);

int command_history_check(const struct arguments *arguments);

#endif
