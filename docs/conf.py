"""How Sphinx builds the site; scripts/site.py lays out its pages and runs it."""

project = "Switchboard"
root_doc = "index"
extensions = ["myst_parser", "sphinx_copybutton"]
# What is copied of a terminal is what is typed there.
copybutton_prompt_text = "$ "
copybutton_line_continuation_character = "\\"
# Headings have the anchors that they have where Markdown is read otherwise.
myst_heading_anchors = 4
# `--sandbox` is not a dash.
smartquotes = False

html_theme = "furo"
html_title = "Switchboard"
html_static_path = ["stylesheets"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
# Summaries are fetched, which a page that was opened from a folder may not do.
html_show_search_summary = False
html_show_copyright = False
pygments_style = "default"
pygments_dark_style = "github-dark"
