# find_package(tjob): the targets tjob::tjob and tjob::verify. They are the shared libraries where BUILD_SHARED_LIBS is on
# in the project that asks, else the static ones; tjob::tjob_static, tjob::tjob_shared, tjob::verify_static and
# tjob::verify_shared are there in any case.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/tjobTargets.cmake)
if(NOT TARGET tjob::tjob)
    if(BUILD_SHARED_LIBS)
        add_library(tjob::tjob ALIAS tjob::tjob_shared)
        add_library(tjob::verify ALIAS tjob::verify_shared)
    else()
        add_library(tjob::tjob ALIAS tjob::tjob_static)
        add_library(tjob::verify ALIAS tjob::verify_static)
    endif()
endif()
