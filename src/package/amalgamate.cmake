# Makes the library in one file: tjob.h and tjob.c, tjob_verify.h and tjob_verify.c.
#
#   cmake -D ROOT=<checkout> -D OUT=<folder> -D SOURCES=<of tjob> -D VERIFY_SOURCES=<of tjob_verify> -P amalgamate.cmake
#
# SOURCES and VERIFY_SOURCES are joined by commas, relative to ROOT; their order is that of the output, which depends on
# nothing else. What it takes to put many files into one:
#
#  - A header of the project is put where it is first included, and not again.
#  - What a source keeps to itself at file scope (static functions and objects, tags, typedefs, enumerators) is renamed, from
#    `find` in src/host/memory_store.c to `memory_store__find`, for others have a `find` too. A member, which stands behind
#    "." or "->" or is declared in a struct, keeps its name. Macros are undefined where their source ends.
#  - What internal headers declare becomes static: a program sees of tjob.o what it sees of a shared library.
#  - Macros that choose what the system's headers declare are moved to the top, where they have to stand.
#  - What needs files (POSIX) comes last, within the condition under which tjob.h has the file store.
cmake_minimum_required(VERSION 3.25)
set(POSIX_SOURCES "host/file_store/[a-z0-9_]+\\.c$")
set(POSIX_CONDITION "#if defined(__unix__) || defined(__APPLE__)")

# ---- Text: characters that mean something in CMake's lists are replaced by others, which stand in no source

string(ASCII 1 OPENING)
string(ASCII 2 CLOSING)
string(ASCII 3 SEMICOLON)
string(ASCII 4 BACKSLASH)
string(ASCII 5 ESCAPED_QUOTE)
string(ASCII 6 QUOTE_CHARACTER)
string(ASCII 7 ESCAPED_BACKSLASH)
string(ASCII 14 COMMENT_BEGIN)
string(ASCII 15 COMMENT_END)

function(read_text path result)
    file(READ ${ROOT}/${path} text)
    string(REPLACE "[" "${OPENING}" text "${text}")
    string(REPLACE "]" "${CLOSING}" text "${text}")
    string(REPLACE ";" "${SEMICOLON}" text "${text}")
    string(REPLACE "\\" "${BACKSLASH}" text "${text}")
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

function(write_text path text)
    string(REGEX REPLACE "\n\n\n+" "\n\n" text "${text}")
    string(REPLACE "${OPENING}" "[" text "${text}")
    string(REPLACE "${CLOSING}" "]" text "${text}")
    string(REPLACE "${SEMICOLON}" ";" text "${text}")
    string(REPLACE "${BACKSLASH}" "\\" text "${text}")
    file(WRITE ${OUT}/${path} "${text}")
endfunction()

# ---- Headers

# inline_headers(PATH RESULT): a header with those in it that it includes, each once: SEEN has them all.
function(inline_headers path result)
    read_text(${path} rest)
    string(FIND "${path}" "src/" at)
    if(at EQUAL 0)
        internal("${rest}" rest)
    endif()
    set(text "")
    while(rest MATCHES "(^|\n)#include \"([a-z0-9_/]+\\.h)\"\n")
        set(line "${CMAKE_MATCH_0}")
        path_of(${CMAKE_MATCH_2} header)
        string(FIND "${rest}" "${line}" at)
        string(SUBSTRING "${rest}" 0 ${at} before)
        string(LENGTH "${line}" length)
        math(EXPR at "${at} + ${length}")
        string(SUBSTRING "${rest}" ${at} -1 rest)
        string(APPEND text "${before}\n")
        if(NOT header IN_LIST SEEN)
            list(APPEND SEEN ${header})
            inline_headers(${header} inlined)
            string(APPEND text "${inlined}")
        endif()
    endwhile()
    set(${result} "${text}${rest}" PARENT_SCOPE)
    set(SEEN ${SEEN} PARENT_SCOPE)
    set(OBJECTS ${OBJECTS} PARENT_SCOPE)
endfunction()

function(path_of include result)
    if(include MATCHES "^tjob/")
        set(${result} include/${include} PARENT_SCOPE)
    else()
        set(${result} src/${include} PARENT_SCOPE)
    endif()
endfunction()

# internal(TEXT RESULT): what an internal header declares, as static. Its objects are noted in OBJECTS, for where they are
# defined, static has to be said again.
function(internal text result)
    string(REPLACE "static inline" "TJOB_INTERNAL inline" text "${text}")
    string(REGEX MATCHALL "\nextern [^\n]*" objects "${text}")
    foreach(object IN LISTS objects)
        string(REGEX REPLACE ".*[ *]([a-z0-9_]+).*" "\\1" object "${object}")
        list(APPEND OBJECTS ${object})
    endforeach()
    string(REGEX REPLACE "\nextern " "\nTJOB_INTERNAL " text "${text}")
    string(REGEX REPLACE "\n([a-z][a-zA-Z0-9_ ]*[ *]+[a-z0-9_]+\\()" "\nTJOB_INTERNAL \\1" text "${text}")
    string(REPLACE "TJOB_INTERNAL typedef" "typedef" text "${text}")
    set(${result} "${text}" PARENT_SCOPE)
    set(OBJECTS ${OBJECTS} PARENT_SCOPE)
endfunction()

# ---- Names

# split(TEXT RESULT): the tokens of C that matter here: comments, strings, identifiers, and what is between them.
function(split text result)
    string(REPLACE "${BACKSLASH}${BACKSLASH}" "${ESCAPED_BACKSLASH}" text "${text}")
    string(REPLACE "${BACKSLASH}\"" "${ESCAPED_QUOTE}" text "${text}")
    string(REPLACE "'\"'" "${QUOTE_CHARACTER}" text "${text}")
    string(REPLACE "/*" "${COMMENT_BEGIN}" text "${text}")
    string(REPLACE "*/" "${COMMENT_END}" text "${text}")
    string(REGEX MATCHALL
           "${COMMENT_BEGIN}[^${COMMENT_END}]*${COMMENT_END}|\"[^\"]*\"|[A-Za-z_][A-Za-z0-9_]*|[^A-Za-z_\"${COMMENT_BEGIN}]+"
           tokens "${text}")
    set(${result} "${tokens}" PARENT_SCOPE)
endfunction()

function(join tokens result)
    string(REPLACE "${ESCAPED_QUOTE}" "${BACKSLASH}\"" text "${tokens}")
    string(REPLACE "${ESCAPED_BACKSLASH}" "${BACKSLASH}${BACKSLASH}" text "${text}")
    string(REPLACE "${QUOTE_CHARACTER}" "'\"'" text "${text}")
    string(REPLACE "${COMMENT_BEGIN}" "/*" text "${text}")
    string(REPLACE "${COMMENT_END}" "*/" text "${text}")
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

# collect(TEXT PATTERN RESULT): the last name in each match of a pattern.
function(collect text pattern result)
    string(REGEX MATCHALL "${pattern}" matches "${text}")
    set(names "")
    foreach(match IN LISTS matches)
        string(REGEX REPLACE ".*[^A-Za-z0-9_]([A-Za-z_][A-Za-z0-9_]*)[^A-Za-z0-9_]*$" "\\1" name "${match}")
        list(APPEND names ${name})
    endforeach()
    set(${result} ${names} PARENT_SCOPE)
endfunction()

# private_names(TEXT NAMES TAGS): what a source, without its comments, defines at file scope for itself.
function(private_names text names tags)
    set(text "\n${text}")
    set(found "")
    foreach(pattern IN ITEMS
            "\n(static|ALWAYS_INLINE) [^\n(=]*\\("                                             # functions
            "\nstatic [^\n(=${OPENING}{]*[ *][a-z0-9_]+(${OPENING}| =|${SEMICOLON})" # objects
            "\n} [a-z0-9_]+"                                                           # and those behind a struct
            "\ntypedef [^\n{]*[ *][a-z0-9_]+[${OPENING}${SEMICOLON}]")
        collect("${text}" "${pattern}" some)
        list(APPEND found ${some})
    endforeach()
    string(REGEX MATCHALL "\n(typedef )?enum [a-z0-9_ ]*{[^}]*}" enums "${text}")
    foreach(enum IN LISTS enums)
        collect("${enum}" "[{,][ \n]*[A-Z][A-Z0-9_]*" some)
        list(APPEND found ${some})
    endforeach()
    collect("${text}" "\n(typedef )?(struct|enum|union) [a-z0-9_]+ {" found_tags)
    list(FILTER found EXCLUDE REGEX "^(tjob_.*|TJOB_.*|const|struct)$")
    list(FILTER found_tags EXCLUDE REGEX "^tjob_")
    set(${names} ${found} PARENT_SCOPE)
    set(${tags} ${found_tags} PARENT_SCOPE)
endfunction()

# rename(TEXT MODULE RESULT): a source with its private names made the module's.
function(rename text module result)
    split("${text}" tokens)
    set(code ${tokens})
    list(FILTER code EXCLUDE REGEX "^(\"|${COMMENT_BEGIN})")
    list(JOIN code "" code)
    private_names("${code}" names tags)
    foreach(name IN LISTS names)
        set(name_${name} ${module}__${name})
    endforeach()
    foreach(tag IN LISTS tags)
        set(tag_${tag} ${module}__${tag})
    endforeach()
    set(text "")
    set(kind name) # of what an identifier would be here: a tag, behind struct; a member, behind "."; or a name
    foreach(token IN LISTS tokens)
        if(token MATCHES "^[A-Za-z_]")
            if(DEFINED ${kind}_${token})
                set(token ${${kind}_${token}})
            endif()
            set(kind name)
            if(token MATCHES "^(struct|enum|union)$")
                set(kind tag)
            endif()
        elseif(token MATCHES "(\\.|->)$")
            set(kind member)
        elseif(NOT token STREQUAL " ")
            set(kind name)
        endif()
        string(APPEND text "${token}")
    endforeach()
    join("${text}" text)
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

# ---- Sources

# add_source(PATH): appends a source to TEXT, and what it includes before it.
function(add_source path)
    read_text(${path} text)
    get_filename_component(module ${path} NAME_WE)

    string(REGEX MATCHALL "(^|\n)#define _[A-Z0-9_]+[^\n]*" features "${text}")
    foreach(feature IN LISTS features)
        string(REGEX REPLACE ".*#define (_[A-Z0-9_]+ ?[0-9L]*).*" "\\1" feature "${feature}")
        string(STRIP "${feature}" feature)
        list(APPEND FEATURES "${feature}")
    endforeach()
    string(REGEX REPLACE "(^|\n)#define _[A-Z0-9_]+[^\n]*" "" text "${text}")

    set(before "")
    string(REGEX MATCHALL "#include [<\"][a-z0-9_/]+\\.h[>\"]" includes "${text}")
    foreach(include IN LISTS includes)
        string(REGEX REPLACE "#include .(.*)." "\\1" header "${include}")
        path_of(${header} header)
        if(include MATCHES "<")
            string(APPEND before "${include}\n")
        elseif(NOT header IN_LIST SEEN)
            list(APPEND SEEN ${header})
            inline_headers(${header} inlined)
            string(APPEND before "\n${inlined}\n")
        endif()
    endforeach()
    string(REGEX REPLACE "#include [^\n]*\n" "" text "${text}")

    foreach(object IN LISTS OBJECTS)
        string(REGEX REPLACE "\n(const [a-z_ ]+ ${object} =)" "\nTJOB_INTERNAL \\1" text "${text}")
    endforeach()
    string(REGEX MATCHALL "\n#define [A-Za-z0-9_]+" macros "\n${text}")
    list(TRANSFORM macros REPLACE "\n#define " "#undef ")
    list(REMOVE_DUPLICATES macros)
    list(JOIN macros "\n" undefined)
    rename("${text}" ${module} text)
    string(LENGTH "${path}" length)
    math(EXPR length "111 - ${length}")
    string(REPEAT "=" ${length} line)
    string(APPEND TEXT "\n/* ==== ${path} ${line} */\n\n${before}\n${text}\n${undefined}\n")
    foreach(variable IN ITEMS TEXT SEEN OBJECTS FEATURES)
        set(${variable} "${${variable}}" PARENT_SCOPE)
    endforeach()
endfunction()

# one_file(NAME SOURCE...): NAME.c, from NAME.h and the sources.
function(one_file name)
    set(TEXT "")
    set(OBJECTS "")
    set(FEATURES "")
    set(posix ${ARGN})
    list(FILTER posix INCLUDE REGEX "${POSIX_SOURCES}")
    set(anywhere ${ARGN})
    list(FILTER anywhere EXCLUDE REGEX "${POSIX_SOURCES}")
    foreach(source IN LISTS anywhere)
        add_source(${source})
    endforeach()
    if(posix)
        string(APPEND TEXT "\n${POSIX_CONDITION}\n")
        foreach(source IN LISTS posix)
            add_source(${source})
        endforeach()
        string(APPEND TEXT "\n#endif\n")
    endif()
    set(top "")
    foreach(feature IN LISTS FEATURES)
        string(REGEX REPLACE " .*" "" macro "${feature}")
        string(APPEND top "#ifndef ${macro}\n#define ${feature}\n#endif\n")
    endforeach()
    write_text(${name}.c "${NOTICE}${top}\n#include \"${name}.h\"\n\n${INTERNAL}${TEXT}")
endfunction()

# ---- All of it

read_text(LICENSE license)
string(STRIP "${license}" license)
read_text(include/tjob/version.h version)
string(REGEX REPLACE ".*TJOB_VERSION \"([0-9.]+)\".*" "\\1" version "${version}")
set(NOTICE "/*\n * tjob ${version} in one file. It is made of the sources by their target amalgamation: change those.\n *\n")
string(REPLACE "\n" "\n * " license " * ${license}")
string(REPLACE " * \n" " *\n" license "${license}")
string(APPEND NOTICE "${license}\n */\n")
set(INTERNAL "/* What no other file sees; some of it is of use to one of the two files only. */
#ifdef __GNUC__
#define TJOB_INTERNAL static __attribute__((unused))
#else
#define TJOB_INTERNAL static
#endif
")

read_text(src/package/tinyc.h tinyc)
string(APPEND INTERNAL "\n${tinyc}")
string(REPLACE "," ";" sources "${SOURCES}")
string(REPLACE "," ";" verify_sources "${VERIFY_SOURCES}")
set(SEEN include/tjob/tjob.h)
inline_headers(include/tjob/tjob.h header)
write_text(tjob.h "${NOTICE}${header}")
list(APPEND SEEN include/tjob/verify.h)
inline_headers(include/tjob/verify.h verify_header)
write_text(tjob_verify.h "${NOTICE}#include \"tjob.h\"\n\n${verify_header}")

set(PUBLIC ${SEEN})
one_file(tjob ${sources})
set(SEEN ${PUBLIC})
one_file(tjob_verify ${verify_sources})
