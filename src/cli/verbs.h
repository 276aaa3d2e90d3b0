/* The verbs of the program. Each takes its own arguments (argv[0] is the verb) and returns an exit code. */
#ifndef TJOB_CLI_VERBS_H
#define TJOB_CLI_VERBS_H

/* Exit codes: done, and a command line that cannot be. */
enum { EXIT_DONE = 0, EXIT_USAGE = 2 };

/* Tells the stories of a stop, as a transcript on standard output. */
int verb_demo(int argc, char **argv);

/* Prints the lifecycle from the library's own table. */
int verb_graph(int argc, char **argv);

#endif
