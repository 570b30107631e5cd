"""What a recipe of ours sees of Conan 2: as much as it uses."""
import collections


class Named(dict):
    """settings and options: attributes, and a path of them with points."""

    __getattr__ = dict.get

    def get_safe(self, path, default=None):
        return self.get(path, default)


class Component:
    def __init__(self):
        self.properties = {}
        self.includedirs = ["include"]
        self.bindirs, self.libdirs = ["bin"], ["lib"]
        self.defines, self.requires, self.system_libs = [], [], []

    def set_property(self, name, value):
        self.properties[name] = value


class CppInfo(Component):
    def __init__(self):
        super().__init__()
        self.components = collections.defaultdict(Component)


class ConanFile:
    def __init__(self, settings, options):
        self.settings, self.options = Named(settings), Named({**self.default_options, **options})
        self.cpp_info, self.required = CppInfo(), []

    def requires(self, reference):
        self.required.append(reference)
