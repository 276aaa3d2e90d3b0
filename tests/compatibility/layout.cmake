# Writes a program that prints the layout of every public struct in the folder HEADERS, the value of every enumerator
# and constant, and the name of every function: "struct NAME SIZE ALIGNMENT", "NAME.MEMBER OFFSET SIZE", "ENUMERATOR VALUE",
# "CONSTANT VALUE", "LIBRARY exports NAME".
cmake_minimum_required(VERSION 3.25)
set(lines "")
set(includes "")
file(GLOB headers ${HEADERS}/*.h)
list(SORT headers)
foreach(path IN LISTS headers)
    get_filename_component(header ${path} NAME)
    string(APPEND includes "#include \"tjob/${header}\"\n")
    file(READ ${path} text)
    string(REPLACE ";" "@" text "${text}") # a list of CMake's would end there
    string(REPLACE "[" "<" text "${text}")
    string(REPLACE "]" ">" text "${text}")
    string(REGEX REPLACE "/\\*([^*]|\\*+[^*/])*\\*+/" "" text "${text}")

    string(REGEX MATCHALL "\ntypedef struct [a-z0-9_]+ {[^}]*}" structs "${text}")
    foreach(struct IN LISTS structs)
        string(REGEX REPLACE "\ntypedef struct ([a-z0-9_]+) .*" "\\1" name "${struct}")
        string(APPEND lines "    STRUCT(${name})\n")
        # A function that a member takes is not a member.
        string(REGEX REPLACE "[,(][ \n]*[a-z0-9_ ]+ \\(\\*[a-z0-9_]+\\)\\(" "(" struct "${struct}")
        string(REGEX MATCHALL "[ *][a-z0-9_]+(<[^>]*>)*@|\\(\\*[a-z0-9_]+\\)\\(" members "${struct}")
        foreach(member IN LISTS members)
            string(REGEX REPLACE "^[ *(]+([a-z0-9_]+).*" "\\1" member "${member}")
            string(APPEND lines "    MEMBER(${name}, ${member})\n")
        endforeach()
    endforeach()

    string(REGEX MATCHALL "\n(typedef )?enum [a-z0-9_ ]*{[^}]*}" enums "${text}")
    foreach(enum IN LISTS enums)
        string(REGEX MATCHALL "[{,][ \n]*TJOB_[A-Z0-9_]+" enumerators "${enum}")
        list(TRANSFORM enumerators REPLACE "[{,][ \n]*(TJOB_.*)" "    ENUMERATOR(\\1)\n")
        list(JOIN enumerators "" enumerators)
        string(APPEND lines "${enumerators}")
    endforeach()

    string(REGEX MATCHALL "\n#define TJOB_[A-Z0-9_]+ [(0-9U]" constants "${text}")
    list(FILTER constants EXCLUDE REGEX "TJOB_VERSION_")
    list(TRANSFORM constants REPLACE "\n#define (TJOB_[A-Z0-9_]+) .*" "    CONSTANT(\\1)\n")
    list(JOIN constants "" constants)
    string(APPEND lines "${constants}")
endforeach()
include(${CMAKE_CURRENT_LIST_DIR}/../../src/package/exports.cmake)
foreach(library IN ITEMS tjob tjob_verify)
    tjob_exports(${library} names)
    list(TRANSFORM names REPLACE "(.+)" "    puts(\"${library} exports \\1\")@\n" OUTPUT_VARIABLE exported)
    list(JOIN exported "" exported)
    string(REPLACE "@" ";" exported "${exported}")
    string(APPEND lines "${exported}")
endforeach()
file(WRITE ${OUT} "#include <stddef.h>
#include <stdio.h>

${includes}
#define STRUCT(name) printf(\"struct \" #name \" %zu %zu\\n\", sizeof(name), _Alignof(name));
#define MEMBER(name, member) \\
    printf(#name \".\" #member \" %zu %zu\\n\", offsetof(name, member), sizeof(((name *)0)->member));
#define CONSTANT(name) printf(#name \" %llu\\n\", (unsigned long long)(name));
#define ENUMERATOR(name) printf(#name \" %d\\n\", (int)name);

int main(void)
{
${lines}    return 0;
}
")
