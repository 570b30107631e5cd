import os

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, get
from conan.tools.layout import basic_layout

required_conan_version = ">=2.0"


class OpenaiStreamConan(ConanFile):
    name = "openai_stream"
    version = "@VERSION@"
    description = "@DESCRIPTION@"
    license = "@LICENSE@"
    homepage = "@HOME@"
    url = "@HOME@"
    topics = ("openai", "llm", "streaming", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"with_mbedtls": [True, False]}
    default_options = {"with_mbedtls": False}
    no_copy_source = True

    def layout(self):
        basic_layout(self, src_folder="src")

    def requirements(self):
        if self.options.with_mbedtls:
            self.requires("mbedtls/[>=2.28]")

    def package_id(self):
        self.info.clear()

    def validate(self):
        if self.settings.get_safe("compiler.cppstd"):
            check_min_cppstd(self, 17)

    def source(self):
        get(self, **self.conan_data["sources"][self.version], strip_root=True)

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        copy(self, "openai_stream.hpp", self.source_folder, os.path.join(self.package_folder, "include"))

    def package_info(self):
        is_windows = self.settings.os == "Windows"
        self._component("openai_stream")
        self._component("socket", defines=["OPENAI_STREAM_SOCKET="], requires=["openai_stream"],
                        system_libs=["ws2_32"] if is_windows else [])
        if self.options.with_mbedtls:
            self._component("mbedtls", defines=["OPENAI_STREAM_MBEDTLS="],
                            requires=["openai_stream", "mbedtls::mbedtls"],
                            system_libs=["crypt32"] if is_windows else [])

    def _component(self, name, defines=(), requires=(), system_libs=()):
        component = self.cpp_info.components[name]
        component.set_property("cmake_target_name", "openai_stream::" + name)
        component.bindirs = []
        component.libdirs = []
        component.defines = list(defines)
        component.requires = list(requires)
        component.system_libs = list(system_libs)
