# Zephyr's reading of a module in MODULE, as far as ours goes.
function(zephyr_include_directories)
    get_filename_component(folder "${ARGV0}" ABSOLUTE)
    message(STATUS "includes: ${folder}")
endfunction()
include("${MODULE}/zephyr/CMakeLists.txt")
