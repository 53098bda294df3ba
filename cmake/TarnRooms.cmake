# Rooms, the library that they make, and the command.

# What every room may include, and what one room alone may: duckdb.h is on no
# other room's include path.
set(TARN_ROOM_DEPS PkgConfig::jansson PkgConfig::libfyaml
    PkgConfig::libcrypto PkgConfig::libzstd PkgConfig::zlib Threads::Threads)
set(TARN_ROOM_DEPS_duck duckdb::duckdb)
set(TARN_ROOM_DEPS_rocks PkgConfig::rocksdb)
set(TARN_ROOM_DEPS_record PkgConfig::libpcre2-8)

# Loaded at their first use (src/os/dynlib.h): their headers only.
set(TARN_ROOM_HEADERS_os ${libcurl_INCLUDE_DIRS})
set(TARN_ROOM_HEADERS_flow ${libmariadb_INCLUDE_DIRS} ${libpq_INCLUDE_DIRS}
    ${sqlite3_INCLUDE_DIRS})

# What a binary that holds rooms is linked with.
set(TARN_LINK_DEPS duckdb::duckdb PkgConfig::rocksdb PkgConfig::jansson
    PkgConfig::libfyaml PkgConfig::libcrypto PkgConfig::libzstd
    PkgConfig::zlib PkgConfig::libpcre2-8 Threads::Threads m
    ${CMAKE_DL_LIBS})

# The object library room_<room> of each folder src/<room>/ that has
# sources.  Sets TARN_ROOM_TARGETS, in the order of TARN_ROOMS.
function(tarn_add_rooms)
    set(targets "")
    foreach(room IN LISTS TARN_ROOMS)
        set(dir "${PROJECT_SOURCE_DIR}/src/${room}")
        file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${dir}/*.c")
        if(NOT sources)
            continue()
        endif()
        add_library(room_${room} OBJECT ${sources})
        target_include_directories(room_${room} PRIVATE
            "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src"
            ${TARN_ROOM_HEADERS_${room}})
        target_compile_definitions(room_${room} PRIVATE TARN_BUILDING)
        target_link_libraries(room_${room} PRIVATE tarn_flags
            ${TARN_ROOM_DEPS} ${TARN_ROOM_DEPS_${room}})
        list(APPEND targets room_${room})
    endforeach()
    set(TARN_ROOM_TARGETS "${targets}" PARENT_SCOPE)
endfunction()

# build/libtarn.so and build/libtarn.a of the same objects.
function(tarn_add_library)
    if(NOT TARN_ROOM_TARGETS)
        return()
    endif()
    set(objects "")
    foreach(room IN LISTS TARN_ROOM_TARGETS)
        list(APPEND objects "$<TARGET_OBJECTS:${room}>")
    endforeach()
    add_library(tarn_static STATIC ${objects})
    add_library(tarn_shared SHARED ${objects})
    foreach(lib tarn_static tarn_shared)
        set_target_properties(${lib} PROPERTIES
            OUTPUT_NAME tarn LINKER_LANGUAGE C)
        target_include_directories(${lib} INTERFACE
            "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
            "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
    endforeach()
    set_target_properties(tarn_shared PROPERTIES
        VERSION "${PROJECT_VERSION}"
        SOVERSION "${PROJECT_VERSION_MAJOR}")
    target_link_libraries(tarn_shared PRIVATE tarn_flags ${TARN_LINK_DEPS})
    if(NOT TARN_SANITIZE)
        target_link_options(tarn_shared PRIVATE -Wl,--no-undefined)
    endif()
endfunction()

# build/tarn.  The library is linked in statically: a command that lives for
# some milliseconds should not spend them on the dynamic linker.
function(tarn_add_command)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS
        "${PROJECT_SOURCE_DIR}/src/cli/*.c")
    if(NOT sources OR NOT TARGET tarn_static)
        return()
    endif()
    # Sees include/ and, through a folder with nothing else in it, itself
    # as "cli/...".
    set(view "${PROJECT_BINARY_DIR}/cli-include")
    file(MAKE_DIRECTORY "${view}")
    file(CREATE_LINK "${PROJECT_SOURCE_DIR}/src/cli" "${view}/cli" SYMBOLIC)
    set(main "${PROJECT_SOURCE_DIR}/src/cli/main.c")
    list(REMOVE_ITEM sources "${main}")
    if(sources)
        add_library(room_cli OBJECT ${sources})
        target_include_directories(room_cli PRIVATE
            "${PROJECT_SOURCE_DIR}/include" "${view}")
        target_link_libraries(room_cli PRIVATE tarn_flags PkgConfig::libedit)
    endif()
    if(NOT EXISTS "${main}")
        return()
    endif()
    add_executable(tarn "${main}")
    target_include_directories(tarn PRIVATE
        "${PROJECT_SOURCE_DIR}/include" "${view}")
    if(TARGET room_cli)
        target_link_libraries(tarn PRIVATE room_cli)
    endif()
    target_link_libraries(tarn PRIVATE tarn_flags tarn_static
        ${TARN_LINK_DEPS} PkgConfig::libedit)
endfunction()
