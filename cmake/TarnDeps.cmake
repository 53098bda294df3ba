# The libraries that the rooms stand on, as imported targets.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
foreach(lib jansson libfyaml libcrypto libcurl libzstd zlib rocksdb
        libpcre2-8 libedit libmariadb libpq sqlite3)
    pkg_check_modules(${lib} REQUIRED IMPORTED_TARGET ${lib})
endforeach()

# DuckDB: from deps/prefix, or from a system installation with
# include/duckdb.h and lib/libduckdb.so below DUCKDB_ROOT.
set(DUCKDB_ROOT "$ENV{DUCKDB_ROOT}" CACHE PATH
    "Where DuckDB is installed; empty: deps/prefix")
if(DUCKDB_ROOT)
    set(_duckdb_root "${DUCKDB_ROOT}")
else()
    set(_duckdb_root "${PROJECT_SOURCE_DIR}/deps/prefix")
endif()
find_path(DUCKDB_INCLUDE_DIR duckdb.h NO_DEFAULT_PATH
    HINTS "${_duckdb_root}" PATH_SUFFIXES include .)
find_library(DUCKDB_LIBRARY duckdb NO_DEFAULT_PATH
    HINTS "${_duckdb_root}"
    PATH_SUFFIXES lib "lib/${CMAKE_LIBRARY_ARCHITECTURE}" lib64 .)
mark_as_advanced(DUCKDB_INCLUDE_DIR DUCKDB_LIBRARY)
if(NOT DUCKDB_INCLUDE_DIR OR NOT DUCKDB_LIBRARY)
    message(FATAL_ERROR "No duckdb.h and libduckdb.so beneath "
        "${_duckdb_root} (run deps/install, or set DUCKDB_ROOT)")
endif()
add_library(duckdb::duckdb SHARED IMPORTED)
set_target_properties(duckdb::duckdb PROPERTIES
    IMPORTED_LOCATION "${DUCKDB_LIBRARY}"
    IMPORTED_SONAME libduckdb.so
    INTERFACE_INCLUDE_DIRECTORIES "${DUCKDB_INCLUDE_DIR}")
