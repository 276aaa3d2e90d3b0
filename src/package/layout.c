/*
 * Prints what a binding generator needs to know of the public headers on this machine: the size and the alignment of
 * every struct, the offset, the size and the type of every member, the value of every enumerator and constant, and the
 * name of every function. layout.cmake writes the list.
 *
 *   layout           lines: "struct NAME SIZE ALIGNMENT", "NAME.MEMBER OFFSET SIZE", "CONSTANT VALUE",
 *                    "LIBRARY exports NAME"
 *   layout --json    one object, with the types of the members as well
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define INCLUDES
#include "layout_list.h"
#undef INCLUDES

#define OFFSET(name, member) offsetof(name, member), sizeof(((name *)0)->member)

/* Structs, arrays and pointers are "other". An enum has the type of an integer. */
#define TYPE(value)                                                                                                    \
    _Generic((value), bool                                                                                             \
             : "bool", char                                                                                            \
             : "char", unsigned char                                                                                   \
             : "uint8", int32_t                                                                                        \
             : "int32", uint32_t                                                                                       \
             : "uint32", int64_t                                                                                       \
             : "int64", uint64_t                                                                                       \
             : "uint64", default                                                                                       \
             : "other")

static void print_lines(void)
{
#define STRUCT(name) printf("struct %s %zu %zu\n", #name, sizeof(name), _Alignof(name));
#define MEMBER(name, member) printf("%s.%s %zu %zu\n", #name, #member, OFFSET(name, member));
#define END(name)
#define CONSTANT(name) printf("%s %llu\n", #name, (unsigned long long)(name));
#define EXPORT(library, name) printf("%s exports %s\n", #library, #name);
#include "layout_list.h"
#undef STRUCT
#undef MEMBER
#undef END
#undef CONSTANT
#undef EXPORT
}

static void print_structs(void)
{
    const char *before = "";
    const char *before_member = "";
#define STRUCT(name)                                                                                                   \
    printf("%s\n    \"%s\": {\"bytes\": %zu, \"alignment\": %zu, \"members\": {", before, #name, sizeof(name),         \
           _Alignof(name));                                                                                            \
    before = ",";                                                                                                      \
    before_member = "";
#define MEMBER(name, member)                                                                                           \
    printf("%s\n      \"%s\": {\"offset\": %zu, \"bytes\": %zu, \"type\": \"%s\"}", before_member, #member,            \
           OFFSET(name, member), TYPE(((name *)0)->member));                                                           \
    before_member = ",";
#define END(name) printf("}}");
#define CONSTANT(name)
#define EXPORT(library, name)
#include "layout_list.h"
#undef STRUCT
#undef MEMBER
#undef END
#undef CONSTANT
#undef EXPORT
}

static void print_constants(void)
{
    const char *before = "";
#define STRUCT(name)
#define MEMBER(name, member)
#define END(name)
#define CONSTANT(name)                                                                                                 \
    printf("%s\n    \"%s\": %llu", before, #name, (unsigned long long)(name));                                         \
    before = ",";
#define EXPORT(library, name)
#include "layout_list.h"
#undef CONSTANT
#undef EXPORT
}

static void print_exports(const char *wanted)
{
    const char *before = "";
#define CONSTANT(name)
#define EXPORT(library, name)                                                                                          \
    if (strcmp(wanted, #library) == 0) {                                                                               \
        printf("%s\n      \"%s\"", before, #name);                                                                     \
        before = ",";                                                                                                  \
    }
#include "layout_list.h"
}

static void print_json(void)
{
    const unsigned one = 1;
    printf("{\n  \"version\": \"%s\",\n  \"pointer_bytes\": %zu,\n  \"byte_order\": \"%s\",\n", TJOB_VERSION,
           sizeof(void *), *(const unsigned char *)&one == 1 ? "little" : "big");
    printf("  \"structs\": {");
    print_structs();
    printf("\n  },\n  \"constants\": {");
    print_constants();
    printf("\n  },\n  \"exports\": {\n    \"tjob\": [");
    print_exports("tjob");
    printf("],\n    \"tjob_verify\": [");
    print_exports("tjob_verify");
    printf("]\n  }\n}\n");
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--json") == 0) {
        print_json();
    } else {
        print_lines();
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
