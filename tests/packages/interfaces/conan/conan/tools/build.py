def check_min_cppstd(recipe, least):
    if int(recipe.settings["compiler.cppstd"]) < least:
        raise ValueError(f"C++{least} is wanted")


def can_run(_recipe):
    return True
