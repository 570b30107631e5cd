package("openai_stream")
    set_kind("library", {headeronly = true})
    set_homepage("@HOME@")
    set_description("@DESCRIPTION@")
    set_license("@LICENSE@")

    add_urls("@ARCHIVE_URL@")
    add_versions("@VERSION@", "@SHA256@")

    -- What the sources need that define OPENAI_STREAM_SOCKET.
    if is_plat("windows", "mingw") then
        add_syslinks("ws2_32")
    end

    add_configs("mbedtls", {description = "https by mbedTLS (OPENAI_STREAM_MBEDTLS)", default = false, type = "boolean"})

    on_load(function (package)
        if package:config("mbedtls") then
            package:add("deps", "mbedtls")
            package:add("defines", "OPENAI_STREAM_MBEDTLS=")
            if package:is_plat("windows", "mingw") then
                package:add("syslinks", "crypt32")
            end
        end
    end)

    on_install(function (package)
        os.cp("openai_stream.hpp", package:installdir("include"))
    end)

    on_test(function (package)
        assert(package:check_cxxsnippets({test = [[
            const char* test() {
                return openai_stream::describe(openai_stream::Error::none);
            }
        ]]}, {configs = {languages = "c++17"}, includes = "openai_stream.hpp"}))
    end)
