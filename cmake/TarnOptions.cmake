# Options of the build, the language, and the flags that every room shares.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

option(TARN_WERROR "Warnings are errors" ON)
option(TARN_BUILD_TESTS "Build the tests" ON)
option(TARN_FAULTS
    "Let tests fail memory and I/O; costs a load and a branch a call" ON)
set(TARN_SANITIZE "" CACHE STRING
    "Sanitizers, as -fsanitize= takes them: address,undefined or thread")
option(TARN_FUZZ "Build the fuzz targets with libFuzzer (clang)" OFF)
option(TARN_COVERAGE "Instrument for gcov" OFF)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_C_COMPILER_LAUNCHER)
    find_program(TARN_CCACHE ccache)
    mark_as_advanced(TARN_CCACHE)
    if(TARN_CCACHE)
        set(CMAKE_C_COMPILER_LAUNCHER "${TARN_CCACHE}")
    endif()
endif()

# What every translation unit of ours is compiled with.
add_library(tarn_flags INTERFACE)
target_compile_definitions(tarn_flags INTERFACE
    _GNU_SOURCE _FILE_OFFSET_BITS=64
    TARN_VERSION_STRING="${PROJECT_VERSION}"
    TARN_FAULTS=$<BOOL:${TARN_FAULTS}>)
target_compile_options(tarn_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes
    -Wmissing-prototypes -Wvla $<$<BOOL:${TARN_WERROR}>:-Werror>
    -fno-common
    # A message cut at the end of its buffer is what snprintf is for.
    $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation>
    # Clang takes a long text in a list for a forgotten comma.
    $<$<C_COMPILER_ID:Clang>:-Wno-string-concatenation>)
if(TARN_SANITIZE)
    target_compile_options(tarn_flags INTERFACE
        -fsanitize=${TARN_SANITIZE} -fno-omit-frame-pointer
        -fno-sanitize-recover=all
        # Gcc loses sight of what is set where its checks stand between.
        $<$<C_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_options(tarn_flags INTERFACE -fsanitize=${TARN_SANITIZE})
else()
    target_compile_options(tarn_flags INTERFACE
        $<$<CONFIG:Release,RelWithDebInfo>:-U_FORTIFY_SOURCE
        -D_FORTIFY_SOURCE=2> -fstack-protector-strong)
endif()
if(TARN_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID MATCHES Clang)
        message(FATAL_ERROR "TARN_FUZZ needs clang (CC=clang)")
    endif()
    target_compile_options(tarn_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(TARN_COVERAGE)
    target_compile_options(tarn_flags INTERFACE --coverage)
    target_link_options(tarn_flags INTERFACE --coverage)
endif()
# A library that a binary does not use is not loaded when it starts.
target_link_options(tarn_flags INTERFACE -Wl,--as-needed)
