# vcpkg's reading of a port: -DPORT_FOLDER, -DPORT, -DARCHIVE_FOLDER (in place of the network), -DWORK. Functions of the
# same names as vcpkg's, which do as much of the same as a header needs.
set(CURRENT_PACKAGES_DIR "${WORK}/packages")

function(vcpkg_download_distfile result)
    cmake_parse_arguments(said "" "FILENAME;SHA512" "URLS" ${ARGN})
    set(file "${ARCHIVE_FOLDER}/${said_FILENAME}")
    file(SHA512 "${file}" sum)
    if(NOT sum STREQUAL said_SHA512)
        message(FATAL_ERROR "SHA512 of ${said_FILENAME} is ${sum}")
    endif()
    set(${result} "${file}" PARENT_SCOPE)
endfunction()

function(vcpkg_extract_source_archive result)
    cmake_parse_arguments(said "" "ARCHIVE" "" ${ARGN})
    file(ARCHIVE_EXTRACT INPUT "${said_ARCHIVE}" DESTINATION "${WORK}/source")
    file(GLOB folder "${WORK}/source/*")  # one folder, as vcpkg wants it
    set(${result} "${folder}" PARENT_SCOPE)
endfunction()

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(status)
        message(FATAL_ERROR "${ARGN}: ${said}")
    endif()
endfunction()

function(vcpkg_cmake_configure)
    cmake_parse_arguments(said "" "SOURCE_PATH" "OPTIONS" ${ARGN})
    run("${CMAKE_COMMAND}" -S "${said_SOURCE_PATH}" -B "${WORK}/build" ${said_OPTIONS})
endfunction()

function(vcpkg_cmake_install)
    run("${CMAKE_COMMAND}" --install "${WORK}/build" --prefix "${CURRENT_PACKAGES_DIR}")
endfunction()

function(vcpkg_cmake_config_fixup)
    cmake_parse_arguments(said "" "PACKAGE_NAME;CONFIG_PATH" "" ${ARGN})
    file(RENAME "${CURRENT_PACKAGES_DIR}/${said_CONFIG_PATH}" "${CURRENT_PACKAGES_DIR}/share/${said_PACKAGE_NAME}")
    file(REMOVE "${CURRENT_PACKAGES_DIR}/share/cmake")
endfunction()

function(vcpkg_install_copyright)
    cmake_parse_arguments(said "" "" "FILE_LIST" ${ARGN})
    file(COPY "${said_FILE_LIST}" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
    file(RENAME "${CURRENT_PACKAGES_DIR}/share/${PORT}/LICENSE" "${CURRENT_PACKAGES_DIR}/share/${PORT}/copyright")
endfunction()

include("${PORT_FOLDER}/portfile.cmake")
