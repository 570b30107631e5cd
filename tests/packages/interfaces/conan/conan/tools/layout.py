def basic_layout(_recipe, src_folder=""):
    assert src_folder
