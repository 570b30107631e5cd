# Makes openai_stream::mbedtls, if there is an mbedTLS: a target of this build, a package that CMake knows (3.0 and
# later), or else a header and libraries (2.28 has no more). Looks for no other when one is found.
if(TARGET openai_stream::mbedtls)
    return()
endif()

if(NOT TARGET MbedTLS::mbedtls AND NOT TARGET mbedtls)
    find_package(MbedTLS QUIET CONFIG)
endif()

set(openai_stream_mbedtls_libraries "")
if(TARGET MbedTLS::mbedtls)
    set(openai_stream_mbedtls_libraries MbedTLS::mbedtls)
elseif(TARGET mbedtls)
    set(openai_stream_mbedtls_libraries mbedtls)
else()
    find_path(OPENAI_STREAM_MBEDTLS_INCLUDE_DIR mbedtls/ssl.h)
    find_library(OPENAI_STREAM_MBEDTLS_LIBRARY mbedtls)
    find_library(OPENAI_STREAM_MBEDX509_LIBRARY mbedx509)
    find_library(OPENAI_STREAM_MBEDCRYPTO_LIBRARY NAMES tfpsacrypto mbedcrypto)
    mark_as_advanced(
        OPENAI_STREAM_MBEDTLS_INCLUDE_DIR OPENAI_STREAM_MBEDTLS_LIBRARY
        OPENAI_STREAM_MBEDX509_LIBRARY OPENAI_STREAM_MBEDCRYPTO_LIBRARY
    )
    if(OPENAI_STREAM_MBEDTLS_INCLUDE_DIR AND OPENAI_STREAM_MBEDTLS_LIBRARY
       AND OPENAI_STREAM_MBEDX509_LIBRARY AND OPENAI_STREAM_MBEDCRYPTO_LIBRARY)
        set(openai_stream_mbedtls_libraries
            "${OPENAI_STREAM_MBEDTLS_LIBRARY}" "${OPENAI_STREAM_MBEDX509_LIBRARY}"
            "${OPENAI_STREAM_MBEDCRYPTO_LIBRARY}")
    endif()
endif()

if(openai_stream_mbedtls_libraries)
    add_library(openai_stream::mbedtls INTERFACE IMPORTED GLOBAL)
    target_compile_definitions(openai_stream::mbedtls INTERFACE "OPENAI_STREAM_MBEDTLS=")
    target_link_libraries(
        openai_stream::mbedtls INTERFACE
        openai_stream::openai_stream ${openai_stream_mbedtls_libraries} "$<$<PLATFORM_ID:Windows>:crypt32>"
    )
    if(OPENAI_STREAM_MBEDTLS_INCLUDE_DIR)
        target_include_directories(openai_stream::mbedtls INTERFACE "${OPENAI_STREAM_MBEDTLS_INCLUDE_DIR}")
    endif()
endif()
unset(openai_stream_mbedtls_libraries)
