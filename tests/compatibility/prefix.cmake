# Fails if a library defines a symbol with external linkage that does not begin with tjob_, for one of a host could take its
# place, or clash with it. Names that begin with two underscores are the compiler's.
#
#   NM FILE
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND ${NM} -g --defined-only ${FILE} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[0-9a-f]+ [A-Za-z] [^ \n]+" defined "${symbols}")
list(TRANSFORM defined REPLACE ".* " "")
list(FILTER defined EXCLUDE REGEX "^__|^_(init|fini|end|edata)$|^TJOB_[A-Z_]*[0-9.]+$") # the last: versions
list(LENGTH defined count)
if(count LESS 5)
    message(FATAL_ERROR "${FILE} defines ${count} symbols only")
endif()
list(FILTER defined EXCLUDE REGEX "^tjob_")
if(defined)
    list(REMOVE_DUPLICATES defined)
    list(JOIN defined " " defined)
    message(FATAL_ERROR "without our prefix: ${defined}")
endif()
