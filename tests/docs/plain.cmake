# What the checks of pages do to a text before they look into it.

# plain(TEXT RESULT): without what means something in lists of CMake: "@" stands for a semicolon, "~(" and ")~" for brackets.
function(plain text result)
    string(REPLACE ";" "@" text "${text}")
    string(REPLACE "[" "~(" text "${text}")
    string(REPLACE "]" ")~" text "${text}")
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

# without_comments(TEXT RESULT): C without its comments.
function(without_comments text result)
    string(REGEX REPLACE "/\\*([^*]|\\*+[^*/])*\\*+/" "" text "${text}")
    set(${result} "${text}" PARENT_SCOPE)
endfunction()
