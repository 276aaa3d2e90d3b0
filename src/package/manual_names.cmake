# tjob_manual_names(PAGE OUT): the names that the NAME section of a manual page lists, in their order.
function(tjob_manual_names page out)
    file(READ ${page} text)
    string(REGEX REPLACE ".*\n\\.SH NAME\n([^\\\\]*)\\\\-.*" "\\1" names "${text}")
    string(REGEX MATCHALL "[a-z0-9_]+" names "${names}")
    set(${out} "${names}" PARENT_SCOPE)
endfunction()
