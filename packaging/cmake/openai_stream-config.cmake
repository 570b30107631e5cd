# find_package(openai_stream): the targets, see CMakeLists.txt. COMPONENTS mbedtls insists on openai_stream::mbedtls.
include("${CMAKE_CURRENT_LIST_DIR}/openai_stream-targets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/openai_stream-mbedtls.cmake")

set(openai_stream_socket_FOUND TRUE)
set(openai_stream_mbedtls_FOUND FALSE)
if(TARGET openai_stream::mbedtls)
    set(openai_stream_mbedtls_FOUND TRUE)
endif()

foreach(component IN LISTS openai_stream_FIND_COMPONENTS)
    if(openai_stream_FIND_REQUIRED_${component} AND NOT openai_stream_${component}_FOUND)
        set(openai_stream_FOUND FALSE)
        set(openai_stream_NOT_FOUND_MESSAGE "openai_stream has no component ${component}")
        if(component STREQUAL "mbedtls")
            set(openai_stream_NOT_FOUND_MESSAGE "openai_stream::mbedtls needs mbedTLS: is it in CMAKE_PREFIX_PATH?")
        endif()
    endif()
endforeach()
