# make install: the command, the library, headers, pkg-config and CMake files,
# DuckDB, man page and completions.  What is installed may be moved: each
# binary finds its libraries relative to itself.

set(CMAKE_INSTALL_LIBDIR lib CACHE PATH "Libraries, beneath the prefix")
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(private_libdir "${CMAKE_INSTALL_LIBDIR}/tarn")
file(RELATIVE_PATH bin_to_private "/${CMAKE_INSTALL_BINDIR}"
    "/${private_libdir}")

# DuckDB comes along, unless it is the system's own.
if(DUCKDB_ROOT)
    cmake_path(GET DUCKDB_LIBRARY PARENT_PATH duckdb_libdir)
    set(bin_rpath "${duckdb_libdir}")
    set(lib_rpath "${duckdb_libdir}")
else()
    install(FILES "${DUCKDB_LIBRARY}" DESTINATION "${private_libdir}"
        PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    set(duckdb_libdir "\${libdir}/tarn")
    set(bin_rpath "$ORIGIN/${bin_to_private}")
    set(lib_rpath "$ORIGIN/tarn")
endif()

if(TARGET tarn_shared)
    set_target_properties(tarn_shared PROPERTIES
        INSTALL_RPATH "${lib_rpath}")
    install(TARGETS tarn_shared tarn_static
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
    install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/tarn"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        FILES_MATCHING PATTERN "*.h")

    # Both find the prefix from where they lie.
    file(RELATIVE_PATH pkgconfig_to_prefix
        "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
    string(REGEX REPLACE "/$" "" pkgconfig_to_prefix
        "${pkgconfig_to_prefix}")
    configure_file("${PROJECT_SOURCE_DIR}/cmake/tarn.pc.in" tarn.pc @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/tarn.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

    set(cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/tarn")
    configure_package_config_file(
        "${PROJECT_SOURCE_DIR}/cmake/tarn-config.cmake.in" tarn-config.cmake
        INSTALL_DESTINATION "${cmake_dir}"
        PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
    write_basic_package_version_file(tarn-config-version.cmake
        COMPATIBILITY SameMinorVersion)
    install(FILES "${PROJECT_BINARY_DIR}/tarn-config.cmake"
        "${PROJECT_BINARY_DIR}/tarn-config-version.cmake"
        DESTINATION "${cmake_dir}")
endif()

if(TARGET tarn)
    set_target_properties(tarn PROPERTIES INSTALL_RPATH "${bin_rpath}")
    install(TARGETS tarn RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")

    # The command prints its own man page and completions.
    set(printed "${PROJECT_BINARY_DIR}/printed")
    file(MAKE_DIRECTORY "${printed}")
    function(tarn_install_printed file destination)
        list(JOIN ARGN " " arguments)
        install(CODE "execute_process(
            COMMAND \"${PROJECT_BINARY_DIR}/tarn\" ${arguments}
            OUTPUT_FILE \"${printed}/${file}\" RESULT_VARIABLE failed)
            if(failed)
                message(FATAL_ERROR \"tarn ${arguments}: exit \${failed}\")
            endif()")
        install(FILES "${printed}/${file}" DESTINATION "${destination}")
    endfunction()
    tarn_install_printed(tarn.1 "${CMAKE_INSTALL_MANDIR}/man1" help --man)
    tarn_install_printed(tarn
        "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
        completion bash)
    tarn_install_printed(_tarn "${CMAKE_INSTALL_DATADIR}/zsh/site-functions"
        completion zsh)
    tarn_install_printed(tarn.fish
        "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" completion fish)
endif()
